import { expect, it } from "vitest";
import { sampleConfiguration } from "../../../tests/support/sample-configuration.js";
import { type ProfileRuns, probeBlockSize } from "../../runtime/index.js";
import { readOptimisedGraph } from "../../runtime/optimised-graph.node.js";
import { openRuntimeBench } from "./bench.js";
import type { Configuration } from "./section.js";

const base = sampleConfiguration();

/** A profile of the graph that runs in which every node takes a millisecond, and a call none. */
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
  const whole = [nodes.length, nodes.length, nodes.length];
  return {
    nodes,
    wholeMs: whole,
    plainMs: whole,
    profilerMs: [0, 0, 0],
    sessions: [0, 0, 0],
    optimised,
  };
};

/** Nodes that are not the layer's own. */
async function foreign(configuration: Partial<Configuration>): Promise<number | null> {
  const bench = await openRuntimeBench({ target: "ort-cpu", now: () => 0, profileRuns });
  return bench.fixedMs({ ...base, ...configuration }, 16);
}

it("takes for the layer's what it costs in its place, and nothing of the ends", async () => {
  const int8 = { dtype: "int8", source: "constant", scales: "channel" } as const;
  const blocked = { before: "blocked", after: "blocked" } as const;
  const slice = 1; // what asks for one number alone
  expect(await foreign({})).toBe(slice);
  // two stand-ins and two copies; the copies around a layer off the fast path are its own
  const hasBlocks = (await probeBlockSize(readOptimisedGraph)) >= 8;
  expect(await foreign(blocked)).toBe(slice + (hasBlocks ? 4 : 2));
  // QuantizeLinear, DequantizeLinear, and a Transpose on either side; behind the layer they are of one number
  expect(await foreign({ dataType: "uint8", weight: int8 })).toBe(slice + 4);
  expect(await foreign({ op: "QLinearConv", dataType: "uint8", weight: int8 })).toBe(slice + 2);
  // the weight is made floats in every run: that is the layer's
  expect(await foreign({ weight: { ...int8, source: "dequantised" } })).toBe(slice);
  expect(await foreign({ op: "ConvTranspose", outputPadding: [0, 0] })).toBe(slice);
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
