import { Sketch } from "../../tests/support/sketch.js";
import { testAudit } from "../../tests/support/test-audit.js";
import { buildModel, fpnDetector } from "../nn/index.js";
import { groupedHead } from "./grouped-head.js";

/** Two layers, global pooling, and two 1x1 convolutions that predict. */
function classifier(hiddenGroups: number, lastGroups: number) {
  const s = new Sketch();
  const x = s.conv("body", s.conv("stem", s.image(32), 16, { stride: 2 }), 16, { groups: 4 });
  const hidden = s.conv("hidden", s.gap("pool", x), 32, { kernel: 1, groups: hiddenGroups });
  s.output("classes", s.bare("last", hidden, 8, { kernel: 1, groups: lastGroups }));
  return s.model;
}

/** Down and up again, and a prediction for each pixel. */
function segmenter(lastGroups: number) {
  const s = new Sketch();
  const fine = s.conv("stem", s.image(32), 16);
  const coarse = s.conv("encoder", s.pool(fine), 16);
  const joined = s.concat("join", fine, s.up("up", coarse));
  s.output("mask", s.bare("last", s.conv("decoder", joined, 16), 4, { groups: lastGroups }));
  return s.model;
}

const detector = (headGroups: number) => () =>
  buildModel(fpnDetector({ headGroups, width: 0.25 }), { inputShape: [1, 3, 64, 64] });

testAudit(groupedHead, {
  clean: [
    { name: "dense heads behind a pyramid with groups", model: detector(1) },
    { name: "a grouped body before a dense head", model: () => classifier(1, 1) },
    { name: "a dense prediction for each pixel", model: () => segmenter(1) },
    {
      name: "groups that no runtime could run",
      model: `net (float[1, 10, 8, 8] x) => (y) <float[9, 3, 3, 3] w> { [conv] y = Conv<group = 3>(x, w) }`,
      options: { roles: [{ pattern: "conv", role: "head" }] },
    },
  ],
  found: [
    {
      name: "a classifier's last convolution has groups, and the one before it",
      model: () => classifier(4, 2),
      findings: [
        {
          node: "hidden",
          messageId: "tower",
          message: "groups=4 in a head, before its last layer: each output sees 4 of 16 channels",
          suggestedGroups: 1,
          severity: "warning",
        },
        {
          node: "last",
          messageId: "predictor",
          message: "groups=2 in the last layer of a head: each output sees 16 of its 32 channels",
          suggestedGroups: 1,
          severity: "error",
        },
      ],
    },
    {
      name: "recommended informs of the last layer only",
      preset: "recommended",
      model: () => classifier(4, 2),
      findings: [{ node: "last", messageId: "predictor", severity: "info" }],
    },
    {
      name: "a matrix product comes after it",
      model: () => {
        const s = new Sketch();
        const x = s.gap("pool", s.conv("stem", s.image(32), 16));
        const hidden = s.conv("hidden", x, 16, { kernel: 1, groups: 4 });
        s.output("classes", s.linear("fc", hidden, 10));
        return s.model;
      },
      findings: [{ node: "hidden", messageId: "tower" }],
    },
    {
      name: "the prediction for each pixel has groups",
      model: () => segmenter(4),
      findings: [{ node: "last", messageId: "predictor", suggestedGroups: 1 }],
    },
    {
      name: "grouped towers of a detector: two for each level",
      model: detector(2),
      findings: [
        { node: "class_head.tower", messageId: "tower" },
        { node: "class_head.tower.Conv", messageId: "tower" },
        { node: "class_head.tower.Conv_1", messageId: "tower" },
        { node: "box_head.tower", messageId: "tower" },
        { node: "box_head.tower.Conv", messageId: "tower" },
        { node: "box_head.tower.Conv_4", messageId: "tower" },
      ],
    },
  ],
  notApplicable: [
    {
      name: "the last layer is no convolution",
      model: () => {
        const s = new Sketch();
        s.output("y", s.linear("fc", s.gap("pool", s.conv("conv", s.image(32), 8)), 10));
        return s.model;
      },
      reason: "no convolution is in a prediction head",
    },
  ],
});
