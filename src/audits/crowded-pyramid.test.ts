import { testAudit } from "../../tests/support/test-audit.js";
import { buildModel, fpnDetector, resnext50 } from "../nn/index.js";
import { crowdedPyramid } from "./crowded-pyramid.js";

/** 16 channels in the pyramid. */
const detector = (neckGroups: number) => () =>
  buildModel(fpnDetector({ neckGroups, width: 0.25 }), { inputShape: [1, 3, 64, 64] });

testAudit(crowdedPyramid, {
  clean: [
    { name: "as many groups as the seed allows", model: detector(4) },
    { name: "dense", model: detector(1) },
    {
      name: "groups that no runtime could run",
      model: `net (float[1, 10, 8, 8] x) => (y) <float[10, 2, 3, 3] w> { [conv] y = Conv<group = 6>(x, w) }`,
      options: { roles: [{ pattern: "conv", role: "neck" }] },
    },
  ],
  found: [
    {
      name: "eight groups at each of three levels",
      model: detector(8),
      findings: [
        {
          node: "neck.output.0",
          messageId: "crowded",
          message:
            "groups=8 (2 channels per group) in a feature pyramid exceeds 4; largest valid: 4",
          suggestedGroups: 4,
          severity: "warning",
        },
        { node: "neck.output.1", messageId: "crowded" },
        { node: "neck.output.2", messageId: "crowded" },
      ],
    },
    {
      name: "recommended informs of groups",
      preset: "recommended",
      model: detector(8),
      findings: [
        { node: "neck.output.0", messageId: "crowded", severity: "info" },
        { node: "neck.output.1", messageId: "crowded", severity: "info" },
        { node: "neck.output.2", messageId: "crowded", severity: "info" },
      ],
    },
    {
      name: "a depthwise pyramid, as EfficientDet has one",
      model: detector(16),
      findings: [
        {
          node: "neck.output.0",
          messageId: "depthwise",
          message: "depthwise, groups=16, in a feature pyramid exceeds 4; largest valid: 4",
          suggestedGroups: 4,
        },
        { node: "neck.output.1", messageId: "depthwise" },
        { node: "neck.output.2", messageId: "depthwise" },
      ],
    },
    {
      name: "layers that the caller calls a neck",
      model: () => buildModel(resnext50({ width: 0.25 }), { inputShape: [1, 3, 64, 64] }),
      options: { roles: [{ pattern: "layer4.2.conv2", role: "neck" }] },
      findings: [{ node: "layer4.2.conv2", messageId: "crowded" }],
    },
  ],
  notApplicable: [
    {
      name: "no pyramid",
      model: () => buildModel(resnext50({ width: 0.25 }), { inputShape: [1, 3, 64, 64] }),
      reason: "no feature pyramid found",
    },
  ],
});
