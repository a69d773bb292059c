import { expect, it } from "vitest";
import { findTarget, validGroups } from "../../groups/index.js";
import { BLOCKED_DOMAIN, probeBlockSize, Session } from "../../runtime/index.js";
import { readOptimisedGraph } from "../../runtime/optimised-graph.node.js";
import { zeros } from "../../tensor/index.js";
import { contextModel } from "./context-model.js";
import type { Configuration } from "./section.js";

const base: Configuration = {
  inShape: [1, 32, 6, 6],
  outShape: [1, 32, 6, 6],
  kernel: [3, 3],
  strides: [1, 1],
  dilations: [1, 1],
  pads: [1, 1, 1, 1],
  bias: true,
  activation: "Relu",
  before: "blocked",
  after: "blocked",
};

it("makes the layer meet the copies that it would in its place", async () => {
  const blockSize = await probeBlockSize(readOptimisedGraph);
  if (blockSize < 8) return; // a build without blocks has no copies
  for (const groups of validGroups(32, 32)) {
    for (const layout of ["blocked", "plain"] as const) {
      const model = contextModel({ ...base, before: layout, after: layout }, groups);
      const { graph } = await readOptimisedGraph(model);
      const isFast = findTarget("ort-cpu").predict(
        { inChannels: 32, outChannels: 32, groups, kernel: [3, 3] },
        { blockSize },
      ).path;
      const copies = graph.nodes.filter(({ op }) => op.startsWith("Reorder")).length;
      const isBlocked = isFast !== "slow";
      // blocked neighbours: one copy at either end of the model, two more around a layer off the path
      const expected = layout === "blocked" ? (isBlocked ? 2 : 4) : isBlocked ? 2 : 0;
      expect(copies, `groups=${groups}, ${layout}`).toBe(expected);
      const convs = graph.nodes.filter(({ op }) => op === "Conv" || op === "FusedConv");
      const blocked = convs.filter(({ domain }) => domain === BLOCKED_DOMAIN).length;
      expect(convs).toHaveLength(layout === "blocked" ? 3 : 1); // the activation is fused
      expect(blocked).toBe((layout === "blocked" ? 2 : 0) + (isBlocked ? 1 : 0));
    }
  }
});

it("keeps shapes with strides, dilations and uneven pads, in one to three dimensions", async () => {
  const cases: Configuration[] = [
    { ...base, outShape: [1, 48, 3, 3], strides: [2, 2], activation: "Clip", bias: false },
    {
      ...base,
      inShape: [2, 32, 9, 8],
      outShape: [2, 32, 6, 6],
      dilations: [2, 1],
      pads: [1, 0, 0, 0],
    },
    {
      ...base,
      inShape: [1, 32, 7],
      outShape: [1, 16, 5],
      kernel: [3],
      strides: [1],
      dilations: [1],
      pads: [0, 0],
      before: "plain",
      after: "plain",
      activation: "LeakyRelu",
    },
    {
      ...base,
      inShape: [1, 4, 3, 3, 3],
      outShape: [1, 8, 1, 1, 1],
      kernel: [3, 3, 3],
      strides: [1, 1, 1],
      dilations: [1, 1, 1],
      pads: [0, 0, 0, 0, 0, 0],
      before: "plain",
      after: "plain",
      activation: null,
    },
  ];
  for (const configuration of cases) {
    const session = await Session.create(contextModel(configuration, 2));
    const { y } = await session.run({ x: zeros(configuration.inShape) });
    expect(y.shape).toEqual(configuration.outShape);
    await session.release();
  }
});
