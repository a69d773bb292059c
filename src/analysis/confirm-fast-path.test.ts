import { describe, expect, it } from "vitest";
import { Graph, type Model, type Value } from "../graph/index.js";
import type { KernelPath } from "../groups/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { full } from "../tensor/index.js";
import { confirmFastPaths } from "./confirm-fast-path.js";
import { findConvolutions } from "./convolution.js";
import type { FastPath } from "./fast-path.js";

const NCHWC = "com.microsoft.nchwc";

describe("confirmFastPaths", () => {
  it("holds each prediction against the kernel that runs", () => {
    const verdict = (path: KernelPath, runs: "blocked" | "plain") => {
      const original = chain("y");
      return confirm(
        original,
        optimised(runs === "blocked" ? blocked("y_nchwc") : plain("y")),
        path,
      );
    };
    expect(verdict("fast", "blocked")).toEqual([true]);
    expect(verdict("depthwise", "blocked")).toEqual([true]);
    expect(verdict("slow", "plain")).toEqual([true]);
    expect(verdict("fast", "plain")).toEqual([false]);
    expect(verdict("depthwise", "plain")).toEqual([false]);
    expect(verdict("slow", "blocked")).toEqual([false]);
    expect(verdict("unsupported", "plain")).toEqual([null]); // it loads, and fails when it runs
    expect(verdict("unknown", "plain")).toEqual([null]); // this build may have nothing faster
  });

  it("keeps what it confirms, and says what it sees where nothing was known", () => {
    const original = chain("y");
    const before = predictions(original, "fast");
    const [[convolution, prediction]] = before;
    const { fastPaths } = confirmFastPaths(before, optimised(plain("y")));
    expect(fastPaths.get(convolution)).toEqual({ ...prediction, confirmed: false });

    const seen = confirmFastPaths(predictions(original, "unknown"), optimised(blocked("y_nchwc")));
    expect([...seen.fastPaths.values()]).toMatchObject([
      { path: "fast", confirmed: true, evidence: { level: "runtime" } },
    ]);
    const depthwise = chain("y", { groups: 8 });
    const seenDepthwise = confirmFastPaths(
      predictions(depthwise, "unknown"),
      optimised(blocked("y_nchwc", [8, 1, 3, 3])),
    );
    expect([...seenDepthwise.fastPaths.values()]).toMatchObject([{ path: "depthwise" }]);
  });

  it("finds a convolution under the output of what was fused into it", () => {
    const original = chain("y", { followedBy: ["BatchNormalization", "Add", "Relu"] });
    for (const name of ["y", "BatchNormalization", "Add", "Relu"]) {
      expect(confirm(original, optimised(blocked(`${name}_nchwc`)), "fast")).toEqual([true]);
      expect(confirm(original, optimised(plain(name, "FusedConv")), "slow")).toEqual([true]);
    }
    expect(confirm(original, optimised(plain("elsewhere")), "slow")).toEqual([null]);
  });

  it("finds it under names that were made anew", () => {
    const original = chain("y", { followedBy: ["Relu"] });
    for (const name of [
      "y_nchwc_token_3",
      "Relu_token_0_nchwc",
      "Relu_token_0_nchwc_token_12",
      "InsertedPrecisionFreeCast_Relu_nchwc",
    ])
      expect(confirm(original, optimised(blocked(name)), "fast"), name).toEqual([true]);
  });

  it("takes a name as it is before it takes it apart", () => {
    // As in a model that was optimised once and read again.
    const original = chain("y_token_1", { followedBy: ["Relu"] });
    original.graph.rename(original.graph.outputs[0], "y_token_2");
    const runs = optimised(plain("y_token_3"), blocked("y_token_2_nchwc"));
    expect(confirm(original, runs, "fast")).toEqual([true]);
  });

  it("does not look past a second reader, an output of the model, or the next convolution", () => {
    const run = (original: Model, name: string) =>
      confirm(original, optimised(blocked(`${name}_nchwc`)), "fast")[0];
    const read = chain("y", { followedBy: ["Relu"] });
    read.graph.addNode("Neg", [read.graph.find("y")!]);
    expect(run(read, "Relu")).toBeNull();

    const output = chain("y", { followedBy: ["Relu"] });
    output.graph.outputs.push(output.graph.find("y")!);
    expect(run(output, "Relu")).toBeNull();

    const two = chain("y", { followedBy: ["Conv"] });
    const second = two.graph.outputs[0].name;
    expect(confirm(two, optimised(blocked(`${second}_nchwc`)), "fast")).toEqual([null, true]);
  });

  it("gives a node to the convolution it is named after, not to one before it", () => {
    // Both reach "Add" alone; only the second one was fused with it.
    const original = newModel("test");
    const b = new GraphBuilder(original.graph);
    const x = b.input("x", [1, 8, 8, 8]);
    const [first, second] = [conv(b, x), conv(b, x)];
    b.output(b.op("Add", [first, second]), "sum");
    const runs = optimised(plain("Conv"), blocked("Conv_1_nchwc"));
    expect(confirm(original, runs, "fast")).toEqual([false, true]);
  });

  it("is not taken in by batch normalizations, scalings and pools made into blocked nodes", () => {
    const original = chain("y", { followedBy: ["Relu"] });
    const decoys = (g: GraphBuilder) => {
      blocked("y_bn_nchwc", [8, 1, 1, 1])(g);
      blocked("Relu_mul_nchwc", [8, 1, 1, 1])(g);
      blocked("y_nchwc", [8, 1, 1, 1])(g); // its name, another window
      named(g, "MaxPool", "y_nchwc", NCHWC, [g.input("p", [1, 8, 8, 8])]);
    };
    expect(confirm(original, optimised(decoys), "fast")).toEqual([null]);
    expect(confirm(original, optimised(decoys, plain("Relu")), "fast")).toEqual([false]);
  });

  it("says nothing of a kernel that is neither blocked nor plain", () => {
    const original = chain("y");
    for (const op of ["QLinearConv", "NhwcFusedConv"])
      for (const path of ["fast", "slow", "unknown"] as const)
        expect(confirm(original, optimised(plain("y", op)), path)).toEqual([null]);
  });

  it("decides for namesakes in two bodies only when they run alike", () => {
    const original = chain("y");
    const alike = optimised(blocked("y_nchwc"), blocked("y_nchwc_token_1"));
    const unlike = optimised(blocked("y_nchwc"), plain("y"));
    expect(confirm(original, alike, "fast")).toEqual([true]);
    expect(confirm(original, unlike, "fast")).toEqual([null]);
  });

  it("counts the copies between layouts, in bodies too", () => {
    const model = optimised(reorder("ReorderInput"), reorder("ReorderOutput"), (g) => {
      const inner = new GraphBuilder(newModel("body").graph);
      reorder("ReorderOutput")(inner);
      g.op("If", [g.input("condition", [], "bool")], { then_branch: inner.graph });
    });
    expect(confirmFastPaths(new Map(), model).reorders).toEqual({ inputs: 1, outputs: 2 });
  });

  it("takes linear time over bodies that all use one name", () => {
    const model = newModel("test");
    const b = new GraphBuilder(model.graph);
    const x = b.input("x", [1, 8, 8, 8]);
    const condition = b.input("condition", [], "bool");
    const weight = full([8, 8, 3, 3], 0.5);
    const count = 20_000;
    for (let n = 0; n < count; n++) {
      const body = new Graph(model.graph);
      const w = body.addInitializer(weight);
      body.addNode("Conv", [x, w], { name: `conv_${n}`, outputs: [body.newValue("y")] });
      model.graph.addNode("If", [condition], { attributes: { then_branch: body }, outputs: [] });
    }
    // Comparing each with each, 4 * 10^8 times, would take minutes.
    expect(confirm(model, model, "slow")).toEqual(Array(count).fill(null));
  });
});

/** x -> Conv y -> the operators, one after the other, each output named after its operator. */
function chain(
  y: string,
  options: { groups?: number; followedBy?: readonly string[] } = {},
): Model {
  const { groups = 1, followedBy = [] } = options;
  const model = newModel("test");
  const b = new GraphBuilder(model.graph);
  const first = conv(b, b.input("x", [1, 8, 8, 8]), groups);
  b.graph.rename(first, y);
  let value = first;
  for (const op of followedBy) value = op === "Conv" ? conv(b, value) : b.op(op, [value]);
  b.output(value);
  return model;
}

function conv(b: GraphBuilder, x: Value, groups = 1): Value {
  return b.op("Conv", [x, b.constant(full([8, 8 / groups, 3, 3], 0.5))], { group: groups });
}

type Part = (g: GraphBuilder) => void;

/** A graph as the runtime might write it. */
function optimised(...parts: readonly Part[]): Model {
  const model = newModel("optimised");
  for (const part of parts) part(new GraphBuilder(model.graph));
  return model;
}

function blocked(name: string, weight: readonly number[] = [16, 8, 3, 3]): Part {
  return (g) => {
    const x = g.graph.newValue(g.graph.freshName("reordered"));
    named(g, "Conv", name, NCHWC, [x, g.constant(full(weight, 0.5))]);
  };
}

function plain(output: string, op = "Conv"): Part {
  return (g) => {
    const x = g.graph.find("x") ?? g.input("x", [1, 8, 8, 8]);
    const weight = g.constant(full([8, 8, 3, 3], 0.5));
    const inputs = op === "QLinearConv" ? [x, x, x, weight] : [x, weight];
    const domain = op === "Conv" || op === "QLinearConv" ? "" : "com.microsoft";
    const y = g.graph.newValue(g.graph.freshName(output));
    g.graph.addNode(op, inputs, { name: op, domain, outputs: [y] });
  };
}

function reorder(op: "ReorderInput" | "ReorderOutput"): Part {
  return (g) => named(g, op, op, NCHWC, [g.graph.newValue(g.graph.freshName("x"))]);
}

function named(
  g: GraphBuilder,
  op: string,
  name: string,
  domain: string,
  inputs: readonly Value[],
): void {
  g.graph.addNode(op, inputs, { name, domain });
}

function predictions(model: Model, path: KernelPath) {
  const prediction: FastPath = {
    path,
    reason: "as predicted",
    evidence: { level: "heuristic", source: "this test" },
    confirmed: null,
  };
  return new Map(findConvolutions(model, null).map((convolution) => [convolution, prediction]));
}

function confirm(original: Model, run: Model, path: KernelPath): (boolean | null)[] {
  const { fastPaths } = confirmFastPaths(predictions(original, path), run);
  return [...fastPaths.values()].map(({ confirmed }) => confirmed);
}
