import { expect, it } from "vitest";
import { sampleConfiguration } from "../../../tests/support/sample-configuration.js";
import { type ProfileRuns, probeBlockSize } from "../../runtime/index.js";
import { readOptimisedGraph } from "../../runtime/optimised-graph.node.js";
import { openRuntimeBench } from "./bench.js";
import type { Configuration } from "./section.js";

const base = sampleConfiguration();

/** A profile of the graph that runs in which every node takes a millisecond, and all together with the call 100. */
const profileRuns: ProfileRuns = async (source) => {
  const optimised = await readOptimisedGraph(source);
  const nodes = optimised.graph.nodes.map(({ name, op }) => ({
    name,
    op,
    provider: "cpu",
    inputShapes: [],
    outputShapes: [],
    dataBytes: 0,
    ms: [1, 1, 1],
  }));
  const whole = [100, 100, 100];
  return {
    nodes,
    wholeMs: whole,
    plainMs: whole,
    profilerMs: [0, 0, 0],
    sessions: [0, 0, 0],
    optimised,
  };
};

/** How many nodes are the layer's own, of a context that takes 200 ms where it is timed. */
async function ownNodes(configuration: Partial<Configuration>): Promise<number> {
  const bench = await openRuntimeBench({ target: "ort-cpu", now: () => 0, profileRuns });
  const fixed = await bench.fixedTime({ ...base, ...configuration }, 16, 200);
  return Math.round(200 - fixed!.ms) / 2; // there each node takes twice as long as in the profile
}

it("takes for the layer's what it costs in its place, and nothing of the ends", async () => {
  const int8 = { dtype: "int8", source: "constant", scales: "channel" } as const;
  const blocked = { before: "blocked", after: "blocked" } as const;
  expect(await ownNodes({})).toBe(1);
  // not the two stand-ins and the copies on their far side; the copies around a layer off the fast path
  const hasBlocks = (await probeBlockSize(readOptimisedGraph)) >= 8;
  expect(await ownNodes(blocked)).toBe(hasBlocks ? 3 : 1);
  // not QuantizeLinear, DequantizeLinear, nor a Transpose on either side
  expect(await ownNodes({ dataType: "uint8", weight: int8 })).toBe(1);
  expect(await ownNodes({ op: "QLinearConv", dataType: "uint8", weight: int8 })).toBe(1);
  // the weight is made floats in every run
  expect(await ownNodes({ weight: { ...int8, source: "dequantised" } })).toBe(2);
  expect(await ownNodes({ op: "ConvTranspose", outputPadding: [0, 0] })).toBe(1);
});

it("makes no new memory for what a layer gives", async () => {
  const bench = await openRuntimeBench({ target: "ort-cpu", now: () => performance.now() });
  const shape = [1, 8, 256, 256]; // 2 MiB of outputs
  const contestant = await bench.open({ ...base, inShape: shape, outShape: shape }, 8);
  const before = process.memoryUsage().arrayBuffers;
  await contestant.time();
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20);
  await contestant.close();
});
