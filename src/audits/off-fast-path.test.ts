import { testAudit } from "../../tests/support/test-audit.js";
import { parseModel } from "../graph/index.js";
import { offFastPath } from "./off-fast-path.js";

/** One 3x3 convolution. */
const conv = (inChannels: number, outChannels: number, groups: number, op = "Conv") => {
  const weight =
    op === "Conv"
      ? [outChannels, inChannels / groups, 3, 3]
      : [inChannels, outChannels / groups, 3, 3];
  return `net (float[1, ${inChannels}, 8, 8] x) => (y) <float[${weight.join(", ")}] w> {
    [conv] y = ${op}<group = ${groups}, pads = [1, 1, 1, 1]>(x, w)
  }`;
};

/** The operator of a quantised model, 16 channels. */
const quantised = (groups: number) => `net (uint8[1, 16, 8, 8] x) => (y)
  <uint8[16, ${16 / groups}, 3, 3] w, float s = {0.1}, uint8 zero = {0}> {
    [conv] y = QLinearConv<group = ${groups}>(x, s, zero, w, s, zero, s, zero)
  }`;

const onCpu = { target: "ort-cpu", blockSize: 8 } as const;

testAudit(offFastPath, {
  clean: [
    { name: "whole blocks of 8", model: conv(64, 64, 8), options: onCpu },
    { name: "depthwise", model: conv(32, 32, 32), options: onCpu },
    {
      name: "nothing documented decides",
      model: conv(32, 32, 8),
      options: { target: "tensorrt" },
    },
    { name: "fast whatever the block", model: conv(64, 64, 4) },
    {
      name: "the runtime's own graph says otherwise",
      model: conv(64, 64, 16), // predicted slow
      options: {
        ...onCpu,
        readOptimisedGraph: async () =>
          parseModel(`net (float[1, 64, 8, 8] x) => (y) <float[64, 4, 3, 3] w> {
            [y_nchwc] y = com.microsoft.nchwc.Conv<group = 16, pads = [1, 1, 1, 1]>(x, w)
          }`),
      },
    },
    {
      name: "a dense layer off the fast path is not about groups",
      model: `net (float[1, 18, 8, 8] x) => (y) <float[16, 18, 3, 3] w, float[16, 8, 3, 3] v> {
        a = Conv(x, w)
        y = Conv<group = 2>(a, v)
      }`,
      options: onCpu,
    },
  ],
  found: [
    {
      name: "half blocks: packing two groups into one fills them",
      preset: "recommended",
      model: conv(64, 64, 16), // 4 channels per group; 8 groups have 8
      options: onCpu,
      findings: [
        {
          node: "conv",
          messageId: "slow",
          message:
            "groups=16 is slow on ONNX Runtime, CPU, float32: 4 channels per group, not a multiple of the block of 8",
          advice:
            /^Pack 2 groups into one: groups=8 is on the fast path and computes the same with zeros in its weight, at 2 times the multiply-accumulates; measure before keeping it\. runtime: onnxruntime\/core/,
          suggestedGroups: 8,
          severity: "warning",
        },
      ],
    },
    {
      name: "a count that packing reaches goes before a nearer one",
      model: conv(48, 48, 4), // 12 channels per group; 3 groups have 16, 2 have 24
      options: onCpu,
      findings: [{ node: "conv", messageId: "slow", suggestedGroups: 2 }],
    },
    {
      name: "no factor leads to the nearest count",
      model: conv(24, 24, 4), // 6 channels per group; 3 groups have 8, 2 have 12
      options: onCpu,
      findings: [
        {
          node: "conv",
          messageId: "slow",
          advice:
            /^The nearest valid count that is on the fast path is groups=3; it is another layer and has to be trained\./,
          suggestedGroups: 3,
        },
      ],
    },
    {
      name: "only dense fills a block",
      model: conv(12, 12, 3),
      options: onCpu,
      findings: [
        {
          node: "conv",
          messageId: "slow",
          advice:
            /^Of the valid counts only groups=1 is on the fast path, at 3 times the multiply-accumulates: measure both\./,
          suggestedGroups: null,
        },
      ],
    },
    {
      name: "more groups, where the kernels want fewer channels in each",
      model: conv(64, 64, 2), // 32 channels per group; kernels exist for 16
      options: { target: "fbgemm-int8" },
      findings: [{ node: "conv", messageId: "slow", suggestedGroups: 4 }],
    },
    {
      name: "fewer groups before more, where packing reaches neither",
      model: conv(48, 48, 4), // 12 channels per group; 3 groups have 16 and 6 have 8
      options: { target: "fbgemm-int8" },
      findings: [{ node: "conv", messageId: "slow", suggestedGroups: 3 }],
    },
    {
      name: "depthwise is no stand-in for groups",
      model: conv(6, 6, 2), // int8 takes a multiple of 4; only 1 and 6 groups are not refused
      options: { target: "tensorrt-int8" },
      findings: [
        {
          node: "conv",
          messageId: "unsupported",
          advice: /^Of the valid counts only groups=1 runs there, at 2 times/,
          suggestedGroups: null,
        },
      ],
    },
    {
      name: "no count helps a transposed convolution",
      model: conv(64, 64, 8, "ConvTranspose"),
      options: onCpu,
      findings: [
        {
          node: "conv",
          messageId: "slow",
          message:
            "groups=8 is slow on ONNX Runtime, CPU, float32: transposed convolutions have no blocked kernel",
          advice:
            /^No valid count of inChannels=64 and outChannels=64 is on the fast path: change the channels, or measure and leave it\./,
          suggestedGroups: null,
        },
      ],
    },
    {
      name: "something else than the shape decides",
      model: `net (float[1, 64, 8, 8] x) => (y) <float[64, 8, 3, 3] w> {
        [conv] y = Conv<group = 8, pads = [1, 1, 1, 1]>(x, w, "")
      }`,
      options: onCpu,
      findings: [
        {
          node: "conv",
          messageId: "slow",
          advice: /^No group count changes that: it is not the groups that decide\./,
          suggestedGroups: null,
        },
      ],
    },
    {
      name: "groups that int8 refuses",
      preset: "recommended",
      model: conv(96, 96, 16), // 6 channels per group
      options: { target: "tensorrt-int8" },
      findings: [
        {
          node: "conv",
          messageId: "unsupported",
          message:
            "groups=16 does not run on TensorRT, int8: 6 channels per group: int8 needs a multiple of 4 on both sides",
          advice: /^Pack 2 groups into one: groups=8 runs there and computes the same/,
          suggestedGroups: 8,
          severity: "warning",
        },
      ],
    },
    {
      name: "the default target: one line for all layers, and quietly",
      preset: "recommended",
      model: `net (float[1, 64, 8, 8] x) => (y)
      <float[64, 4, 1, 1] u, float[64, 2, 1, 1] v, float[64, 32, 1, 1] w> {
        [first] a = Conv<group = 16>(x, u)
        [second] b = Conv<group = 32>(a, v)
        [fast] c = Conv<group = 2>(b, w)
        [third] d = Conv<group = 16>(c, u)
        [fourth] y = Conv<group = 16>(d, u)
      }`,
      findings: [
        {
          node: "first",
          messageId: "byDefault",
          message:
            "4 of 5 layers with groups are slow on ONNX Runtime, CPU, float32: first, second, third and 1 more",
          related: ["second", "third", "fourth"],
          severity: "info",
        },
      ],
    },
    {
      name: "a quantised layer, by the int8 kernels that run it",
      model: quantised(4),
      options: onCpu,
      findings: [
        {
          node: "conv",
          messageId: "slow",
          message:
            "groups=4 is slow on ONNX Runtime, CPU, int8 (QLinearConv): 4 channels per group: only 1 in and 1 out has a kernel of its own, the rest loop over the groups",
          advice: /^Of the valid counts only groups=1 is on the fast path/,
        },
      ],
    },
    {
      name: "quantised and float layers, each by their kernels, when nobody named a target",
      model: `net (float[1, 18, 8, 8] x, uint8[1, 16, 8, 8] q) => (y, z)
        <float[18, 9, 3, 3] w, uint8[16, 4, 3, 3] v, float s = {0.1}, uint8 zero = {0}> {
        [float] y = Conv<group = 2>(x, w)
        [int8] z = QLinearConv<group = 4>(q, s, zero, v, s, zero, s, zero)
      }`,
      findings: [
        {
          node: "float",
          messageId: "byDefault",
          message: "1 of 2 layers with groups are slow on ONNX Runtime, CPU, float32: float",
        },
        {
          node: "int8",
          messageId: "byDefault",
          message:
            "1 of 2 layers with groups are slow on ONNX Runtime, CPU, int8 (QLinearConv): int8",
          advice: /target ort-cpu-int8/,
        },
      ],
    },
  ],
  notApplicable: [
    { name: "dense", model: conv(18, 18, 1), options: onCpu, reason: "no convolution has groups" },
    {
      name: "groups that no runtime could run",
      model: `net (float[1, 10, 8, 8] x) => (y) <float[9, 3, 3, 3] w> {
        y = Conv<group = 3>(x, w)
      }`,
      options: onCpu,
      reason: "no convolution has groups",
    },
    {
      name: "a weight for other channels than the data has",
      model: `net (float[1, 16, 8, 8] x) => (y) <float[8, 4, 3, 3] w> {
        y = Conv<group = 2>(x, w)
      }`,
      options: onCpu,
      reason: "no convolution has groups",
    },
  ],
});
