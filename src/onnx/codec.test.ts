import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { bytesSource } from "../util/byte-source.js";
import { FormatError } from "../util/errors.js";
import { decode } from "./decode.js";
import { encode, join, readPart } from "./encode.js";
import {
  attributeSchema,
  type Field,
  graphSchema,
  modelSchema,
  nodeSchema,
  type Payload,
  type Schema,
  tensorSchema,
  typeSchema,
} from "./schema.js";
import { readSkeleton } from "./skeleton.js";

const limits = {
  maxStructureBytes: 2 ** 28,
  maxDepth: 100,
  maxElements: 1e6,
  maxNumbers: 1e6,
  maxFields: 1e7,
};

const read = async (bytes: Uint8Array, schema: Schema, more: Partial<typeof limits> = {}) => {
  const all = { ...limits, ...more };
  return decode<object>(await readSkeleton(bytesSource(bytes), schema, all), schema, all);
};

const varint = (value: number): number[] =>
  value < 128 ? [value] : [(value % 128) | 128, ...varint(Math.floor(value / 128))];
const delimited = (no: number, body: readonly number[]) => [
  ...varint(no * 8 + 2),
  ...varint(body.length),
  ...body,
];

/** Payloads as the bytes they stand for, and bytes as strings, which are quicker compared. */
async function loaded(message: unknown): Promise<unknown> {
  if (message instanceof Uint8Array) return Buffer.from(message).toString("latin1");
  if (Array.isArray(message)) return Promise.all(message.map(loaded));
  if (typeof message !== "object" || message === null) return message;
  if ("read" in message) return loaded(await (message as Payload).read());
  const entries = Object.entries(message).map(async ([key, item]) => [key, await loaded(item)]);
  return Object.fromEntries(await Promise.all(entries));
}

/** Any message of a schema. Some bytes are over 4096 long, so that they stay behind. */
function anyMessage(schema: Schema, depth: number): fc.Arbitrary<object> {
  const fields = schema.fields
    .filter((field) => depth > 0 || !field.message)
    .map((field): [string, fc.Arbitrary<unknown>] => {
      const one = anyValue(field, depth);
      return [field.key, field.repeated ? fc.array(one, { minLength: 1, maxLength: 3 }) : one];
    });
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
}

const anyBytes = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 9 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 4090, max: 9000 }).map((n) => new Uint8Array(n).fill(n)),
  },
);
const anyPayload = anyBytes.map(
  (bytes): Payload => ({ length: bytes.length, read: async () => bytes }),
);
const anyInt = fc.oneof(fc.integer(), fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n), -1, 2 ** 40));

function anyValue(field: Field, depth: number): fc.Arbitrary<unknown> {
  switch (field.kind) {
    case "message":
      return anyMessage(field.message!(), depth - 1);
    case "int64":
      return anyInt;
    case "int32":
      return fc.integer();
    case "float":
      return fc.float({ noNaN: true });
    case "string":
      return fc.string({ unit: "binary", maxLength: 5 });
    case "bytes":
      return anyBytes;
    case "payload":
    case "raw":
      return anyPayload;
    default: // packed numbers come back in one piece
      return anyPayload.map((piece) => [piece]);
  }
}

describe.each([modelSchema, graphSchema, nodeSchema, attributeSchema, tensorSchema, typeSchema])(
  "$name",
  (schema) => {
    it("is decoded from what it was encoded to", async () => {
      await fc.assert(
        fc.asyncProperty(anyMessage(schema, 3), async (message) => {
          const bytes = await join(encode(schema, message));
          expect(await loaded(await read(bytes, schema))).toEqual(await loaded(message));
        }),
        { numRuns: 50 },
      );
    });

    it("cut anywhere, or with any byte changed, is decoded or refused with a FormatError", async () => {
      const change = fc.record({ at: fc.nat(), byte: fc.nat({ max: 255 }), cut: fc.boolean() });
      await fc.assert(
        fc.asyncProperty(anyMessage(schema, 2), change, async (message, { at, byte, cut }) => {
          const bytes = await join(encode(schema, message));
          if (bytes.length === 0) return;
          const place = at % bytes.length;
          const damaged = cut ? bytes.slice(0, place) : bytes.with(place, byte);
          const result = await read(damaged, schema).catch((error) => error);
          if (result instanceof Error) expect(result).toBeInstanceOf(FormatError);
        }),
        { numRuns: 200 },
      );
    });
  },
);

describe("what protobuf allows besides", () => {
  it("equal messages may be one object, and differ where they differ", async () => {
    const attribute = (value: number) => ({ name: "pads", ints: [value, value], type: 7 });
    const message = { attribute: [attribute(1), attribute(1), attribute(2)] };
    const node = (await read(
      await join(encode(nodeSchema, message)),
      nodeSchema,
    )) as typeof message;
    expect(node).toEqual(message);
    expect(node.attribute[0]).toBe(node.attribute[1]);
  });

  it("unknown fields that follow each other are kept in one piece, each run in its place", async () => {
    const unknown = [...delimited(900, [1, 2]), ...varint(901 * 8), 5];
    const bytes = [...unknown, ...delimited(8, [0x77]), ...unknown, ...unknown];
    expect(await read(Uint8Array.from(bytes), tensorSchema)).toEqual({
      name: "w",
      unknown: [Uint8Array.from(unknown), Uint8Array.from([...unknown, ...unknown])],
    });
  });

  it("a known field of another wire type is kept as unknown", async () => {
    const bytes = Uint8Array.from([...delimited(2, [1]), 8 * 8, 3]); // data_type as bytes, name as a number
    expect(await read(bytes, tensorSchema)).toEqual({ unknown: [bytes] });
  });

  it("a message in thousands of parts is put together in linear time", async () => {
    const part = delimited(7, delimited(1, delimited(4, [0x41]))); // graph { node { op_type: "A" } }
    const ratio = await growth(1000, (size) => {
      const bytes = Uint8Array.from(Array.from({ length: size }, () => part).flat());
      return () => read(bytes, modelSchema);
    });
    expect(ratio).toBeLessThan(LINEAR);
  });
});

describe("faults are told with their path", () => {
  it.each<[string, readonly number[], string]>([
    ["a group", [0x0b], "ModelProto at byte 0: no field begins here"],
    [
      "a length beyond the file",
      [0x3a, 5, 1],
      "ModelProto.graph at byte 0: length=5 exceeds the 1 bytes left",
    ],
    [
      "a length beyond its message",
      delimited(7, delimited(1, [...delimited(4, [0x41]), 0x0a, 9, 1])),
      "graph.node[0]: input: length=9 exceeds the 1 bytes left in its message",
    ],
    [
      "a group, deep inside",
      delimited(7, [...delimited(1, []), ...delimited(1, delimited(5, [0x0b]))]),
      "graph.node[1].attribute[0]: wire type 3 is not in use",
    ],
    [
      "a number that runs out of its message",
      [...delimited(7, [...delimited(1, delimited(5, [0x18, 0x80]))]), 0x08, 1],
      "graph.node[0].attribute[0]: field 3 runs past the end of its message",
    ],
    [
      "the last of packed numbers cut short",
      delimited(7, [...delimited(5, delimited(1, [1, 0x80])), 1]),
      "graph.initializer[0]: dims: the last number is cut short",
    ],
    [
      "field 0",
      delimited(7, delimited(1, [0x00, 0x00])),
      "graph.node[0]: no field begins here (tag=0)",
    ],
  ])("%s", async (_, bytes, message) => {
    const error = await read(Uint8Array.from(bytes), modelSchema).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(message);
  });
});

describe("limits", () => {
  const empty = (no: number, count: number) =>
    Uint8Array.from(Array.from({ length: count }, () => delimited(no, [])).flat());

  it.each<[string, Uint8Array, Schema, Partial<typeof limits>, string]>([
    ["messages", empty(1, 11), graphSchema, { maxElements: 10 }, "more than maxElements=10"],
    ["strings", empty(1, 11), nodeSchema, { maxElements: 10 }, "more than maxElements=10"],
    [
      "numbers",
      Uint8Array.from(delimited(1, Array(11).fill(1))),
      tensorSchema,
      { maxNumbers: 10 },
      "more than 10 numbers besides the weights",
    ],
    ["fields walked", empty(1, 11), graphSchema, { maxFields: 10 }, "more than 10 fields"],
    ["bytes", empty(1, 11), graphSchema, { maxStructureBytes: 21 }, "exceeds maxStructureBytes=21"],
  ])("%s", async (_, bytes, schema, limit, message) => {
    const error = await read(bytes, schema, limit).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain(message);
  });

  it("what stays within them is read", async () => {
    const within = { maxElements: 10, maxFields: 10, maxStructureBytes: 20 };
    expect(await read(empty(1, 10), graphSchema, within)).toEqual({ node: Array(10).fill({}) });
  });
});

it("readPart refuses a tensor that gives another number of bytes than it announced", async () => {
  const lying = { length: 4, read: async () => new Uint8Array(5) };
  await expect(readPart(lying)).rejects.toThrow(
    new FormatError("a tensor gave 5 bytes, but announced 4"),
  );
  await expect(join({ length: 4, parts: [lying] })).rejects.toThrow(FormatError);
});

it.each([
  [0.5, "value=0.5 must be a whole number of 64 bits"],
  [2n ** 63n, "value=9223372036854775808 must be a whole number of 64 bits"],
  [2 ** 53, "must be a whole number of 64 bits"],
])("an attribute of %s is no integer to write", (value, message) => {
  expect(() => encode(attributeSchema, { i: value })).toThrow(message);
});
