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
  return { nodes, wholeMs: whole, plainMs: whole, profilerMs: [0, 0, 0], optimised };
};

/** Nodes that are not the layer's own. */
async function foreign(configuration: Partial<Configuration>): Promise<number | null> {
  const bench = await openRuntimeBench({ target: "ort-cpu", now: () => 0, profileRuns });
  return bench.fixedMs({ ...base, ...configuration }, 16);
}

it("takes for the layer's what it costs in its place, and nothing of the ends", async () => {
  const int8 = { dtype: "int8", source: "constant", scales: "channel" } as const;
  const blocked = { before: "blocked", after: "blocked" } as const;
  expect(await foreign({})).toBe(0);
  // two stand-ins and two copies; the copies around a layer off the fast path are its own
  const hasBlocks = (await probeBlockSize(readOptimisedGraph)) >= 8;
  expect(await foreign(blocked)).toBe(hasBlocks ? 4 : 2);
  // QuantizeLinear, DequantizeLinear, and a Transpose on either side
  expect(await foreign({ dataType: "uint8", weight: int8 })).toBe(4);
  expect(await foreign({ op: "QLinearConv", dataType: "uint8", weight: int8 })).toBe(2);
  // the weight is made floats in every run: that is the layer's
  expect(await foreign({ weight: { ...int8, source: "dequantised" } })).toBe(0);
  expect(await foreign({ op: "ConvTranspose", outputPadding: [0, 0] })).toBe(0);
});
