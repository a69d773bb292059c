import { testAudit } from "../../tests/support/test-audit.js";
import { oddGroupCount } from "./odd-group-count.js";

/** One 3x3 convolution. */
const conv = (inChannels: number, outChannels: number, groups: number) =>
  `net (float[1, ${inChannels}, 8, 8] x) => (y)
  <float[${outChannels}, ${inChannels / groups}, 3, 3] w> {
    [conv] y = Conv<group = ${groups}, pads = [1, 1, 1, 1]>(x, w)
  }`;

testAudit(oddGroupCount, {
  clean: [
    { name: "a power of two", model: conv(64, 64, 4) },
    { name: "more than 16 where nobody asked for TensorRT", model: conv(128, 128, 32) },
    {
      name: "exactly 16 on TensorRT",
      model: conv(64, 64, 16),
      options: { target: "tensorrt-fp16" },
    },
    {
      name: "more than 16 on a target with powers of two and no limit",
      model: conv(128, 128, 32),
      options: { target: "qualcomm-htp" },
    },
    {
      name: "an odd depthwise layer beside a grouped one",
      model: `net (float[1, 12, 8, 8] x) => (y) <float[12, 1, 3, 3] w, float[12, 6, 3, 3] v> {
        a = Conv<group = 12, pads = [1, 1, 1, 1]>(x, w)
        y = Conv<group = 2, pads = [1, 1, 1, 1]>(a, v)
      }`,
      options: { target: "tensorrt" },
    },
  ],
  found: [
    {
      name: "three groups: two and four are as near, and two mix more",
      model: conv(24, 12, 3),
      findings: [
        {
          node: "conv",
          messageId: "notPowerOfTwo",
          message: "groups=3 (8 channels per group) is no power of two; nearest valid one: 2",
          suggestedGroups: 2,
          severity: "warning",
        },
      ],
    },
    {
      name: "a power of two is valid only below",
      model: conv(18, 18, 9), // 18 has the divisors 1, 2, 3, 6, 9, 18
      findings: [{ node: "conv", messageId: "notPowerOfTwo", suggestedGroups: 2 }],
    },
    {
      name: "seven groups: eight is nearer than four, where it is valid",
      model: conv(56, 56, 7),
      findings: [{ node: "conv", messageId: "notPowerOfTwo", suggestedGroups: 8 }],
    },
    {
      name: "32 groups on TensorRT",
      model: conv(128, 256, 32),
      options: { target: "tensorrt" },
      findings: [
        {
          node: "conv",
          messageId: "overSixteen",
          message:
            "groups=32 (4 channels per group) exceeds 16, the seed's limit for TensorRT, float32; " +
            "nearest valid power of two: 16",
          suggestedGroups: 16,
          severity: "warning",
        },
      ],
    },
    {
      name: "21 groups on TensorRT: one finding, with the count that answers both",
      model: conv(168, 168, 21),
      options: { target: "tensorrt-int8" },
      findings: [{ node: "conv", messageId: "overSixteen", suggestedGroups: 8 }],
    },
    {
      name: "a vendor's own word",
      preset: "recommended",
      model: conv(96, 96, 3),
      options: { target: "qualcomm-htp" },
      findings: [
        {
          node: "conv",
          messageId: "vendorPowerOfTwo",
          message:
            "groups=3 (32 channels per group) is no power of two, which the guide of " +
            "Qualcomm Hexagon tensor processor (QNN HTP) asks for; nearest valid one: 2",
          suggestedGroups: 2,
          severity: "warning",
        },
      ],
    },
  ],
  notApplicable: [
    {
      name: "dense",
      model: conv(8, 8, 1),
      reason: "no convolution has groups of several channels",
    },
    { name: "depthwise", model: conv(12, 12, 12), reason: /several channels/ },
    {
      name: "groups that no runtime could run",
      model: `net (float[1, 10, 8, 8] x) => (y) <float[9, 3, 3, 3] w> {
        y = Conv<group = 3>(x, w)
      }`,
      reason: /several channels/,
    },
  ],
});
