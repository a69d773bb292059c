import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Int } from "../graph/index.js";
import { BackwardWriter } from "./backward-writer.js";
import type { Payload } from "./schema.js";
import { encodeText } from "./text-codec.js";

function varint(value: bigint): number[] {
  const rest = BigInt.asUintN(64, value);
  return rest < 128n ? [Number(rest)] : [Number(rest & 127n) | 128, ...varint(rest >> 7n)];
}

function float(value: number): number[] {
  return [...new Uint8Array(Float32Array.of(value).buffer)];
}

/** Everything that was written, payloads read. */
async function written(out: BackwardWriter): Promise<number[]> {
  const bytes: number[] = [];
  for (const part of out.parts())
    bytes.push(...(part instanceof Uint8Array ? part : await part.read()));
  return bytes;
}

const payload = (bytes: Uint8Array): Payload => ({ length: bytes.length, read: async () => bytes });

/** One thing to write, and its bytes. */
type Step = { readonly write: (out: BackwardWriter) => void; readonly bytes: readonly number[] };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => {
    const int: Int = Number.isSafeInteger(Number(value)) ? Number(value) : value;
    return { write: (out: BackwardWriter) => out.varint(int), bytes: varint(value) };
  }),
  fc.nat({ max: 300 }).map((value) => ({
    write: (out: BackwardWriter) => out.varint(value),
    bytes: varint(BigInt(value)),
  })),
  fc.float().map((value) => ({
    write: (out: BackwardWriter) => out.float(value),
    bytes: float(value),
  })),
  fc.string({ unit: "binary", maxLength: 6000 }).map((text) => ({
    write: (out: BackwardWriter) => out.text(text),
    bytes: [...encodeText(text)],
  })),
  fc.uint8Array({ maxLength: 6000 }).map((bytes) => ({
    write: (out: BackwardWriter) => out.bytes(bytes),
    bytes: [...bytes],
  })),
  fc.uint8Array({ maxLength: 50 }).map((bytes) => ({
    write: (out: BackwardWriter) => out.payload(payload(bytes)),
    bytes: [...bytes],
  })),
);

it("what is written last stands first, byte by byte", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
      const out = new BackwardWriter();
      for (const { write } of steps) write(out);
      const expected = steps.toReversed().flatMap(({ bytes }) => bytes);
      expect(out.length).toBe(expected.length);
      expect(await written(out)).toEqual(expected);
    }),
  );
});

it("a tag is the field's number and the wire type", async () => {
  const out = new BackwardWriter();
  out.tag(25, 2);
  expect(await written(out)).toEqual([0xca, 0x01]); // 25 * 8 + 2 = 202
});

it("payloads are put in their places unread, however large", () => {
  const out = new BackwardWriter();
  const huge: Payload = { length: 5e9, read: () => Promise.reject(new Error("was read")) };
  out.varint(1);
  out.payload(huge);
  out.varint(2);
  expect(out.length).toBe(5e9 + 2);
  expect(out.parts()).toEqual([Uint8Array.of(2), huge, Uint8Array.of(1)]);
});

it("many small things make few pieces", () => {
  const out = new BackwardWriter();
  for (let i = 0; i < 1e6; i++) out.varint(300);
  expect(out.length).toBe(2e6);
  expect(out.parts().length).toBeLessThan(20);
});

describe("floats", () => {
  it.each([3.5e38, -1e300, Number.MAX_VALUE])("%d is too large for 32 bits", (value) => {
    expect(() => new BackwardWriter().float(value)).toThrow(
      `value=${value} must be within ±3.4e38 to be written as a float32`,
    );
  });

  it.each([Infinity, -Infinity, 3.4028235e38, 1e-300, -0])("%d is not", async (value) => {
    const out = new BackwardWriter();
    out.float(value);
    expect(await written(out)).toEqual(float(value));
  });
});
