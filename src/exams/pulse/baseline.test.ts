import { afterEach, expect, it, vi } from "vitest";
import { type Graph, Model, parseModel } from "../../graph/index.js";
import { Session } from "../../runtime/index.js";
import { Rng } from "../../tensor/index.js";
import { type ExamineOptions, examine } from "../examine.js";
import { tensorData } from "../tensor-data.js";
import type { Trial } from "./section.js";

afterEach(() => vi.restoreAllMocks());

/** Cuts the middle layer in two, on six batches of two: cut, reordered and fitted. */
async function trialsOf(options: ExamineOptions = {}): Promise<readonly Trial[]> {
  const model = parseModel(`
    net (float[N, 3, 64, 64] x) => (scores) <
      float[8, 3, 1, 1] w1, float[8, 8, 3, 3] w2, float[5, 8, 1, 1] w3> {
      [stem] a = Conv(x, w1) r = Relu(a)
      [middle] b = Conv<pads = [1, 1, 1, 1]>(r, w2) s = Relu(b)
      [head] c = Conv(s, w3)
      p = GlobalAveragePool(c) scores = Flatten(p) }`);
  const rng = new Rng(3);
  for (const value of model.graph.initializers)
    value.initializer = rng.fork(value.name).normal([...value.initializer!.shape], 0, 0.3);
  const x = new Rng(4).normal([12, 3, 64, 64]);
  const report = await examine(model, await tensorData(model, x, { batchSize: 2 }), {
    ...options,
    exams: ["pulse"],
    pulse: { layers: ["middle"], groups: [2] },
  });
  const [{ trials }] = report.sections.pulse!.layers;
  expect(trials.map(({ way }) => way)).toEqual(["cut", "reordered", "fitted"]);
  return trials;
}

/** Bytes of the weights and of what the three layers write, twice over. */
const TWO_NETWORKS = 2 * 4 * (24 + 576 + 40 + 2 * 64 * 64 * (8 + 8 + 5));
/** Bytes of what the network and the head write in six batches. */
const GIVEN_OUT = 4 * 12 * 5 * (1 + 64 * 64);

it("runs the network as it is once for a layer, and else for the clock alone", async () => {
  const run = vi.spyOn(Session.prototype, "run");
  const runs = () => run.mock.calls.filter(([{ x }]) => String(x?.shape) === "2,3,64,64").length;
  const numbers = (trials: readonly Trial[]) => trials.map(({ latency: _, ...rest }) => rest);
  const kept = await trialsOf({ memoryBytes: TWO_NETWORKS + GIVEN_OUT });
  // As it is: 6. Cut: 1 to begin with, 4 pairs, 2 more batches. Reordered: 6. Fitted: 6 for the fit, then as cut.
  expect(runs()).toBe(6 + (1 + 8 + 2) + 6 + (6 + 1 + 8 + 2));
  run.mockClear();
  const again = await trialsOf({ memoryBytes: TWO_NETWORKS + GIVEN_OUT - 1 });
  expect(runs()).toBe(6 + (1 + 8 + 2 + 2) + (6 + 6) + (6 + 1 + 8 + 2 + 2));
  expect(numbers(again)).toEqual(numbers(kept));
});

it("times a reordered network with the one that is cut, as they differ in numbers alone", async () => {
  const create = vi.spyOn(Session, "create");
  const [cut, reordered, fitted] = await trialsOf();
  const graphs = create.mock.calls.flatMap(([source]) =>
    source instanceof Model && source.graph.name === "net" ? [source.graph] : [],
  );
  const outline = ({ nodes }: Graph) =>
    nodes.map(({ op, attributes, inputs }) => [
      op,
      [...attributes],
      inputs.map((value) => value?.initializer?.shape),
    ]);
  const [, ofCut, ofReordered] = graphs; // the first is the network as it is
  expect(outline(ofReordered)).toEqual(outline(ofCut));
  expect(reordered.latency).toEqual(cut.latency);
  expect(fitted.latency).not.toEqual(cut.latency);
});
