import { testAudit } from "../../tests/support/test-audit.js";
import { miscomputedGroups } from "./miscomputed-groups.js";

const conv = (inChannels: number, outChannels: number, groups: number, kernel = [3, 3]) => {
  const size = (n: number) => kernel.map(() => n).join(", ");
  const weight = [outChannels, inChannels / groups, ...kernel].join(", ");
  return `net (float[1, ${inChannels}, ${size(8)}] x) => (y) <float[${weight}] w> {
    [conv] y = Conv<group = ${groups}>(x, w)
  }`;
};

const transposed = (inChannels: number, outChannels: number, groups: number) =>
  `net (float[1, ${inChannels}, 8, 8] x) => (y) <float[${inChannels}, ${outChannels / groups}, 3, 3] w> {
    [conv] y = ConvTranspose<group = ${groups}>(x, w)
  }`;

const options = { target: "ort-webgpu" } as const;

testAudit(miscomputedGroups, {
  clean: [
    { name: "whole vectors in every group", model: conv(32, 32, 4), options },
    { name: "few outputs per group, which are computed singly", model: conv(24, 24, 8), options },
    { name: "an odd number of outputs, computed singly, too", model: conv(45, 45, 9), options },
    { name: "depthwise", model: conv(24, 24, 24), options },
    { name: "3-d, which is refused", model: conv(24, 24, 4, [3, 3, 3]), options },
    { name: "transposed, with several outputs per group", model: transposed(24, 24, 4), options },
    { name: "transposed, with an odd number of inputs", model: transposed(12, 4, 4), options },
  ],
  found: [
    {
      name: "vectors over the border of two groups; packing two fills them",
      preset: "recommended",
      model: conv(24, 24, 4),
      options,
      findings: [
        {
          node: "conv",
          messageId: "wrong",
          message:
            "groups=4 comes out wrong on ONNX Runtime Web, WebGPU: 6 outputs per group are no multiple of the 4 that it computes at once, from the inputs of one group",
          advice:
            /^Pack 2 groups into one with zeros in its weight, groups=2: that comes out right and is the same function, at 2 times the multiply-accumulates; or set preferredLayout to "NCHW" for the provider webgpu, where it comes out right\. runtime: onnxruntime\/core/,
          suggestedGroups: 2,
          severity: "warning",
        },
      ],
    },
    {
      name: "a packing that is as wrong is passed over",
      model: conv(40, 40, 8), // 5 outputs; 10 of 4 groups, 20 of 2
      options,
      findings: [{ node: "conv", messageId: "wrong", advice: /^Pack 4 /, suggestedGroups: 2 }],
    },
    {
      name: "only dense comes out right",
      model: conv(10, 10, 2),
      options,
      findings: [
        {
          node: "conv",
          messageId: "wrong",
          message:
            "groups=2 comes out wrong on ONNX Runtime Web, WebGPU: 5 outputs per group are no multiple of the 2 that it computes at once, from the inputs of one group",
          advice: /^Make it dense with zeros in its weight: that comes out right/,
          suggestedGroups: null,
        },
      ],
    },
    {
      name: "1-d, and other channels in than out",
      model: conv(8, 24, 4, [3]),
      options,
      findings: [{ node: "conv", messageId: "wrong", suggestedGroups: 2 }],
    },
    {
      name: "transposed, with one output per group",
      model: transposed(16, 4, 4),
      options,
      findings: [
        {
          node: "conv",
          messageId: "wrong",
          message:
            "groups=4 comes out wrong on ONNX Runtime Web, WebGPU: with 1 output and 4 inputs per group, an even number, all groups but the first read the wrong weights",
          suggestedGroups: 2,
        },
      ],
    },
    {
      name: "these layers of a network and no others",
      model: `net (float[1, 24, 8, 8] x) => (y)
      <float[24, 24, 1, 1] u, float[24, 6, 3, 3] v, float[24, 1, 3, 3] w, float[48, 3, 1, 1] t> {
        [dense] a = Conv(x, u)
        [first] b = Conv<group = 4, pads = [1, 1, 1, 1]>(a, v)
        [depthwise] c = Conv<group = 24, pads = [1, 1, 1, 1]>(b, w)
        [second] y = Conv<group = 8>(c, t)
      }`,
      options,
      findings: [
        { node: "first", messageId: "wrong" },
        { node: "second", messageId: "wrong" },
      ],
    },
  ],
  notApplicable: [
    {
      name: "another target",
      model: conv(24, 24, 4),
      options: { target: "ort-wasm" },
      reason: "no wrong results are known of ONNX Runtime Web, WebAssembly, float32",
    },
    {
      name: "no target",
      model: conv(24, 24, 4),
      reason: "no wrong results are known of ONNX Runtime, CPU, float32",
    },
    {
      name: "dense",
      model: conv(24, 24, 1),
      options,
      reason: "no convolution in floats has groups",
    },
    {
      name: "quantised, which does not run there",
      model: `net (uint8[1, 24, 8, 8] x) => (y)
      <uint8[24, 6, 3, 3] w, float s = {0.1}, uint8 zero = {0}> {
        [conv] y = QLinearConv<group = 4>(x, s, zero, w, s, zero, s, zero)
      }`,
      options,
      reason: "no convolution in floats has groups",
    },
  ],
});
