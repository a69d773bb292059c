import { expect, it } from "vitest";
import { testAudit } from "../../tests/support/test-audit.js";
import { groupShareLimit, MIN_CHANNELS_PER_GROUP, validGroups } from "../groups/index.js";
import { buildModel, resnext50 } from "../nn/index.js";
import { range } from "../util/math.js";
import { thinGroups } from "./thin-groups.js";

/** One layer, and what `then` makes of `a`. */
function layer(channels: number, weight: string, groups: number, then = "y = Relu(a)"): string {
  return `g (float[1, ${channels}, 8, 8] x) => (y) <float[${weight}] w, float[8, 64, 1, 1] p,
    float[16, 64, 1, 1] squeeze, float[64, 16, 1, 1] excite> {
    [conv] a = Conv<group = ${groups}>(x, w)
    ${then}
  }`;
}

const depthwise = (then?: string) => layer(64, "64, 1, 3, 3", 64, then);
const squeezeExcite = `[pool] b = GlobalAveragePool(a) c = Conv(b, squeeze) d = Conv(c, excite)
  e = Sigmoid(d) [scale] y = Mul(a, e)`;

testAudit(thinGroups, {
  clean: [
    { name: "a quarter", model: layer(128, "128, 4, 3, 3", 32) },
    { name: "a quarter of the fewer channels", model: layer(64, "16, 16, 3, 3", 4) },
    { name: "ResNeXt-50", model: () => buildModel(resnext50(), { inputShape: [1, 3, 64, 64] }) },
    {
      name: "a layer no runtime runs: other audits",
      model: `g (float[1, 64, 8, 8] x) => (y, z) <float[64, 1, 3, 3] w, float[64, 2, 1, 1] v> {
        y = Conv<group = 63>(x, w)
        z = Conv<group = 2>(x, v)
        d = Conv<group = 2>(x, u)
      }`.replace("<float[64, 1", "<float[64, 32, 1, 1] u, float[64, 1"),
    },
  ],
  found: [
    {
      name: "half of the channels",
      preset: "recommended",
      model: layer(128, "128, 2, 3, 3", 64),
      findings: [
        {
          node: "conv",
          messageId: "overShare",
          // 0.3 * 128 = 38.4
          message:
            "groups=64 exceeds 30 % of min(inChannels=128, outChannels=128), which is 38: a group has 2 channels in and 2 out",
          advice: /Take 32 groups or fewer/,
          suggestedGroups: 32,
          severity: "info",
        },
      ],
    },
    {
      name: "half of the output channels, an eighth of the input channels",
      model: layer(64, "16, 8, 3, 3", 8),
      findings: [
        {
          node: "conv",
          messageId: "overShare",
          message:
            "groups=8 exceeds 30 % of min(inChannels=64, outChannels=16), which is 4: a group has 8 channels in and 2 out",
          suggestedGroups: 4,
          severity: "warning",
        },
      ],
    },
    {
      name: "a third, the nearest share over both rules",
      model: layer(12, "12, 3, 3, 3", 4),
      findings: [{ node: "conv", messageId: "overShare", suggestedGroups: 3 }],
    },
    {
      name: "depthwise, mixed by a 1x1",
      model: depthwise("[act] b = Relu(a) [mix] y = Conv(b, p)"),
      findings: [
        {
          node: "conv",
          messageId: "depthwiseMixed",
          message: "depthwise, groups=64: over 30 % of its channels, and explained: mix mixes them",
          suggestedGroups: null,
          severity: "info",
        },
      ],
    },
    {
      name: "depthwise, mixed by nothing",
      preset: "recommended",
      model: depthwise(),
      findings: [
        {
          node: "conv",
          messageId: "depthwiseApart",
          message: "depthwise, groups=64: over 30 % of its channels, and nothing mixes them all",
          advice: /1x1 convolution behind it, or take 16 groups or fewer/,
          suggestedGroups: 16,
          severity: "info",
        },
      ],
    },
    {
      name: "depthwise, mixed by the factors of a gate alone",
      model: depthwise(squeezeExcite),
      findings: [{ node: "conv", messageId: "depthwiseApart", severity: "warning" }],
    },
    {
      name: "depthwise, and then something nobody knows",
      model: depthwise("[mystery] b = my.domain.Unknown(a) y = Relu(b)"),
      findings: [
        {
          node: "conv",
          messageId: "depthwiseUnknown",
          message:
            "depthwise, groups=64: over 30 % of its channels; what mixes them is not known behind mystery",
          suggestedGroups: null,
          severity: "info",
        },
      ],
    },
  ],
  notApplicable: [
    { name: "dense", model: layer(64, "8, 64, 1, 1", 1), reason: "no convolution has groups" },
    {
      name: "groups that do not fit",
      model: layer(64, "8, 21, 1, 1", 3),
      reason: "no convolution has groups",
    },
  ],
});

it("30 % and a quarter are one rule for groups that divide the channels", () => {
  for (const inChannels of range(1, 130)) {
    for (const outChannels of [inChannels, 2 * inChannels, 48, 60]) {
      for (const groups of validGroups(inChannels, outChannels)) {
        if (groups === 1) continue;
        const isOverShare = groups > groupShareLimit(inChannels, outChannels);
        const isOverQuarter = Math.min(inChannels, outChannels) / groups < MIN_CHANNELS_PER_GROUP;
        expect(isOverShare).toBe(isOverQuarter);
      }
    }
  }
});
