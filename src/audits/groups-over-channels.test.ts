import { testAudit } from "../../tests/support/test-audit.js";
import { groupsOverChannels } from "./groups-over-channels.js";

/** The seed's `Conv2d(64, 128, kernel_size=1, groups=128)`, with a weight of these channels per group. */
function deadly(perGroup: number): string {
  return `DeadlyCombo (float[2, 64, 32, 32] x) => (y)
    <float[128, ${perGroup}, 1, 1] w, float[128] c> {
    [conv1] a = Conv<group = 128>(x, w)
    [bn] b = BatchNormalization(a, c, c, c, c)
    [pool] y = GlobalAveragePool(b)
  }`;
}

const verdict = {
  node: "conv1",
  messageId: "overChannels",
  message: "groups=128 exceeds min(inChannels=64, outChannels=128); most valid: 64",
  advice: /at most 64 groups; 16 of them have 4 channels each or more/,
  suggestedGroups: 16,
  severity: "error",
} as const;

testAudit(groupsOverChannels, {
  clean: [
    {
      name: "as many groups as channels on both sides",
      model: `g (float[1, 64, 8, 8] x) => (y) <float[64, 1, 1, 1] w> { y = Conv<group = 64>(x, w) }`,
    },
    {
      name: "too few groups is not too many",
      model: `g (float[1, 64, 8, 8] x) => (y) <float[64, 64, 1, 1] w> { y = Conv<group = 0>(x, w) }`,
    },
    {
      name: "groups that do not divide: another audit",
      model: `g (float[1, 64, 8, 8] x) => (y) <float[64, 1, 1, 1] w> { y = Conv<group = 63>(x, w) }`,
    },
    {
      name: "a dense layer of one channel",
      model: `g (float[1, 1, 8, 8] x) => (y) <float[1, 1, 3, 3] w> { y = Conv(x, w) }`,
    },
  ],
  found: [
    {
      name: "the seed's combination, with the least weight a file can have",
      preset: "recommended",
      model: deadly(1),
      findings: [verdict],
    },
    {
      name: "the same with the weight that 64 divided by 128 gives",
      preset: "recommended",
      model: deadly(0),
      findings: [verdict],
    },
    {
      name: "more groups than output channels",
      model: `g (float[1, 64, 8, 8] x) => (y) <float[16, 2, 1, 1] w> { y = Conv<group = 32>(x, w) }`,
      findings: [
        {
          node: "y",
          messageId: "overChannels",
          message: "groups=32 exceeds min(inChannels=64, outChannels=16); most valid: 16",
          suggestedGroups: 4,
        },
      ],
    },
    {
      name: "channels that leave one group",
      model: `g (float[1, 3, 8, 8] x) => (y) <float[7, 1, 1, 1] w> { y = Conv<group = 4>(x, w) }`,
      findings: [
        {
          node: "y",
          messageId: "overChannels",
          message: "groups=4 exceeds min(inChannels=3, outChannels=7); most valid: 1",
          suggestedGroups: 1,
        },
      ],
    },
    {
      name: "in a model that no runtime loads",
      model: `g (float[1, 3, 8, 8] x) => (z) <float[4, 3, 1, 1] v, float[8, 1, 1, 1] w> {
        a = Conv(x, v)
        y = Conv<group = 8>(a, w)
        z = my.domain.Unknown(y)
      }`,
      findings: [{ node: "y", messageId: "overChannels", suggestedGroups: 1 }],
    },
    {
      name: "a transposed layer",
      model: `g (float[1, 4, 8, 8] x) => (y) <float[4, 1, 2, 2] w> { y = ConvTranspose<group = 8>(x, w) }`,
      findings: [{ node: "y", messageId: "overChannels", suggestedGroups: 1 }],
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
