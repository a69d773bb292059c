import { testAudit } from "../../tests/support/test-audit.js";
import { indivisibleGroups } from "./indivisible-groups.js";

/** One layer that reads 64 channels. */
function layer(weight: string, groups: number, op = "Conv"): string {
  return `g (float[1, 64, 8, 8] x) => (y) <float[${weight}] w> { [conv] y = ${op}<group = ${groups}>(x, w) }`;
}

testAudit(indivisibleGroups, {
  clean: [
    { name: "dense", model: layer("128, 64, 1, 1", 1) },
    { name: "grouped", model: layer("128, 4, 3, 3", 16) },
    { name: "depthwise, two filters a channel", model: layer("128, 1, 3, 3", 64) },
    { name: "transposed", model: layer("64, 3, 2, 2", 16, "ConvTranspose") },
    { name: "more groups than channels: another audit", model: layer("128, 1, 1, 1", 128) },
    {
      name: "channels of the data not known",
      model: "g (float[] x) => (y) <float[8, 3, 1, 1] w> { y = Conv<group = 4>(x, w) }",
    },
  ],
  found: [
    {
      name: "input channels; the suggestion is the nearest, of two the smaller",
      preset: "recommended",
      model: layer("128, 5, 1, 1", 12),
      findings: [
        {
          node: "conv",
          messageId: "inChannels",
          message: "groups=12 must divide inChannels=64; nearest valid: 8, 16",
          advice: /one of 8, 16, or .* multiple of 12/,
          suggestedGroups: 8,
          severity: "error",
        },
      ],
    },
    {
      name: "output channels",
      preset: "recommended",
      model: layer("100, 8, 1, 1", 8),
      findings: [
        {
          node: "conv",
          messageId: "outChannels",
          message: "groups=8 must divide outChannels=100; nearest valid: 4",
          suggestedGroups: 4,
          severity: "error",
        },
      ],
    },
    {
      name: "both: said of the input channels, with what is valid for both",
      model: layer("100, 5, 1, 1", 12),
      findings: [
        {
          node: "conv",
          messageId: "inChannels",
          message: "groups=12 must divide inChannels=64; nearest valid: 4",
          suggestedGroups: 4,
        },
      ],
    },
    {
      name: "input channels of a transposed layer",
      model: layer("64, 2, 2, 2", 12, "ConvTranspose"),
      findings: [{ node: "conv", messageId: "inChannels", suggestedGroups: 12 - 4 }],
    },
    {
      name: "no groups at all; the weight tells how many were meant",
      preset: "recommended",
      model: layer("128, 8, 1, 1", 0),
      findings: [
        {
          node: "conv",
          messageId: "notPositive",
          message: "groups=0 must be at least 1",
          suggestedGroups: 8,
          severity: "error",
        },
      ],
    },
    {
      name: "fewer than none, for a weight that fits no number",
      model: layer("128, 7, 1, 1", -2),
      findings: [
        {
          node: "conv",
          messageId: "notPositive",
          message: "groups=-2 must be at least 1",
          suggestedGroups: 1,
        },
      ],
    },
    {
      name: "a weight for other groups",
      preset: "recommended",
      model: layer("64, 32, 3, 3", 1),
      findings: [
        {
          node: "conv",
          messageId: "otherGroups",
          message:
            "groups=1 makes the weight one for 32 input channels, the data has inChannels=64; the weight fits groups=2",
          suggestedGroups: 2,
          severity: "error",
        },
      ],
    },
    {
      name: "a weight for no groups of these channels, be it by the input's or by its own",
      preset: "recommended",
      model: `g (float[1, 64, 8, 8] x) => (y, z) <float[96, 24, 1, 1] w, float[9, 32, 1, 1] v> {
        y = Conv<group = 2>(x, w)
        z = Conv(x, v)
      }`,
      findings: [
        {
          node: "y",
          messageId: "otherWeight",
          message:
            "the weight is for 48 input channels in groups=2, the data has inChannels=64; no other number of groups makes it fit",
          suggestedGroups: null,
          severity: "error",
        },
        { node: "z", messageId: "otherWeight" }, // 2 groups fit 64 channels, not 9 outputs
      ],
    },
    {
      name: "a transposed layer's weight, which fits one number of input channels",
      model: layer("32, 8, 2, 2", 2, "ConvTranspose"),
      findings: [{ node: "conv", messageId: "otherWeight", suggestedGroups: null }],
    },
    {
      name: "each layer of its own, in a model no runtime loads",
      model:
        `g (float[1, 3, 8, 8] x) => (z) <float[64, 3, 3, 3] a, float[64, 5, 1, 1] b, float[48, 8, 1, 1] c> {
        h = Conv(x, a)
        i = Relu(h)
        j = Conv<group = 12>(i, b)
        k = BatchNormalization(j, s, s, s, s)
        l = Conv<group = 5>(k, c)
        z = my.domain.Unknown(l)
      }`.replace("<float[64, 3", "<float[64] s, float[64, 3"),
      findings: [
        { node: "j", messageId: "inChannels" },
        { node: "l", messageId: "inChannels", suggestedGroups: 4 },
      ],
    },
  ],
  notApplicable: [
    {
      name: "no convolution",
      model: "g (float[1, 3] x) => (y) { y = Relu(x) }",
      reason: "the model has no convolutions",
    },
  ],
});
