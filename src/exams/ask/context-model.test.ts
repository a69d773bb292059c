import { expect, it } from "vitest";
import { sampleConfiguration } from "../../../tests/support/sample-configuration.js";
import { findTarget, validGroups } from "../../groups/index.js";
import { BLOCKED_DOMAIN, probeBlockSize, Session } from "../../runtime/index.js";
import { readOptimisedGraph } from "../../runtime/optimised-graph.node.js";
import { zeros } from "../../tensor/index.js";
import { contextFeeds, contextModel, contextOutput, timedModel } from "./context-model.js";
import type { Configuration, ElementType, WeightSummary } from "./section.js";

const base = sampleConfiguration({
  inShape: [1, 32, 6, 6],
  outShape: [1, 32, 6, 6],
  activation: "Relu",
  before: "blocked",
  after: "blocked",
});

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
      const timed = await readOptimisedGraph(
        timedModel({ ...base, before: layout, after: layout }, groups),
      );
      expect(timed.graph.nodes.map(({ op }) => op)).toEqual([
        ...graph.nodes.map(({ op }) => op),
        "Slice",
      ]);
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

interface Case {
  readonly title: string;
  readonly op?: Configuration["op"];
  readonly dataType: ElementType;
  readonly weight: WeightSummary;
  /** Operators of the graph that runs, without the copies between layouts. */
  readonly runs: string;
}

const constant = (dtype: ElementType, scales: WeightSummary["scales"] = null) =>
  ({ dtype, source: "constant", scales }) as const;
const FLOAT32 = constant("float32");
const FLOAT16 = constant("float16");
const BY_CHANNEL = constant("int8", "channel");
const BY_LAYER = constant("int8", "layer");
const QDQ = "QuantizeLinear QLinearConv DequantizeLinear";
const MADE_FLOATS = { ...BY_CHANNEL, source: "dequantised" } as const;
const COMPUTED = { ...FLOAT32, source: "computed" } as const;
const CODES = { ...BY_LAYER, source: "computed" } as const;

const cases: Case[] = [
  { title: "floats", dataType: "float32", weight: FLOAT32, runs: "Conv" },
  { title: "float16", dataType: "float16", weight: FLOAT16, runs: "Cast Conv Cast" },
  { title: "computed weights", dataType: "float32", weight: COMPUTED, runs: "Conv" },
  {
    title: "weights made floats",
    dataType: "float32",
    weight: MADE_FLOATS,
    runs: "DequantizeLinear Conv",
  },
  {
    title: "transposed",
    op: "ConvTranspose",
    dataType: "float32",
    weight: FLOAT32,
    runs: "ConvTranspose",
  },
  {
    title: "transposed, weights made floats",
    op: "ConvTranspose",
    dataType: "float32",
    weight: MADE_FLOATS,
    runs: "DequantizeLinear ConvTranspose",
  },
  {
    title: "transposed float16",
    op: "ConvTranspose",
    dataType: "float16",
    weight: FLOAT16,
    runs: "Cast ConvTranspose Cast",
  },
  { title: "QDQ by channel", dataType: "uint8", weight: BY_CHANNEL, runs: QDQ },
  { title: "QDQ by layer", dataType: "uint8", weight: BY_LAYER, runs: QDQ },
  { title: "QDQ of int8", dataType: "int8", weight: BY_CHANNEL, runs: QDQ },
  { title: "QDQ of uint8", dataType: "uint8", weight: constant("uint8", "layer"), runs: QDQ },
  {
    title: "QLinearConv",
    op: "QLinearConv",
    dataType: "uint8",
    weight: BY_CHANNEL,
    runs: "QLinearConv",
  },
  {
    title: "QLinearConv of int8",
    op: "QLinearConv",
    dataType: "int8",
    weight: BY_LAYER,
    runs: "QLinearConv",
  },
  {
    title: "QLinearConv, computed weights",
    op: "QLinearConv",
    dataType: "uint8",
    weight: CODES,
    runs: "QLinearConv",
  },
  {
    title: "ConvInteger",
    op: "ConvInteger",
    dataType: "uint8",
    weight: constant("uint8"),
    runs: "ConvInteger",
  },
];

it.each(cases)("runs in the kernel of its kind: $title", async ({ runs, title: _, ...kind }) => {
  const op = kind.op ?? "Conv";
  const isTransposed = op === "ConvTranspose";
  const configuration: Configuration = {
    ...base,
    ...kind,
    op,
    outShape: isTransposed ? [1, 48, 11, 12] : [1, 48, 6, 6],
    strides: isTransposed ? [2, 2] : [1, 1],
    outputPadding: isTransposed ? [0, 1] : [],
    bias: op !== "ConvInteger",
    activation: null,
    before: "plain",
    after: "plain",
  };
  const copies = ["Transpose", "ReorderInput", "ReorderOutput"];
  // builds with float16 kernels of their own cast nothing
  const expected = kind.dataType === "float16" ? [runs, op] : [runs];
  for (const groups of [1, 2, 16]) {
    const model = contextModel(configuration, groups);
    const { graph } = await readOptimisedGraph(model);
    const ops = graph.nodes.map((node) => node.op).filter((name) => !copies.includes(name));
    expect(expected).toContain(ops.join(" "));
    const session = await Session.create(model);
    const output = contextOutput(configuration);
    const { y } = await session.run(contextFeeds(configuration, groups));
    expect([y.shape, y.dtype]).toEqual([output.shape, output.dtype]);
    await session.release();

    // all of it runs where only the first of its numbers is asked for
    const timed = timedModel(configuration, groups);
    const short = await readOptimisedGraph(timed);
    const shortOps = short.graph.nodes.map((node) => node.op);
    expect(shortOps.filter((name) => ![...copies, "Slice"].includes(name))).toEqual(ops);
    const timedSession = await Session.create(timed);
    const { first } = await timedSession.run(contextFeeds(configuration, groups));
    expect(first.shape).toEqual([1, 1, 1, 1]);
    expect(first.data[0]).toBe(y.data[0]);
    await timedSession.release();
  }
});
