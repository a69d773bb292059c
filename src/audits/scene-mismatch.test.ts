import { Sketch } from "../../tests/support/sketch.js";
import { testAudit } from "../../tests/support/test-audit.js";
import { buildModel, mobilenetV2, resnext50, unetGrouped } from "../nn/index.js";
import { sceneMismatch } from "./scene-mismatch.js";

interface Layer {
  groups?: number;
  kernel?: number;
}

/**
 * A stem and one layer of 64 channels at each of five sizes, each mixed by a dense 1x1. Of the sizes the
 * two finest are shallow (0, 1/4), the third is middle (1/2), the coarsest two are deep (3/4, 1).
 */
function classifier(...layers: readonly Layer[]) {
  return classifierOf(64, layers);
}

function classifierOf(channels: number, layers: readonly Layer[]) {
  const s = new Sketch();
  let x = s.conv("stem", s.image(64), channels);
  for (const [i, layer] of layers.entries()) {
    x = s.conv(`layer${i}`, x, channels, layer);
    x = s.pool(s.conv(`mix${i}`, x, channels, { kernel: 1 }));
  }
  s.output("classes", s.linear("fc", s.gap("pool", x), 10));
  return s.model;
}

/** What S8 asks for, in the middle of its ranges. */
const asked = [{ groups: 1 }, { groups: 1 }, { groups: 4 }, { groups: 8 }, { groups: 16 }];
const except = (at: number, layer: Layer) => asked.map((asks, i) => (i === at ? layer : asks));

const image = { inputShape: [1, 3, 64, 64] };

testAudit(sceneMismatch, {
  clean: [
    { name: "S8 to the letter", model: () => classifier(...asked) },
    {
      name: "S11 for a detector: 1, 1, 2",
      model: () => classifier({}, {}, {}, { groups: 2 }, { groups: 2 }),
      options: { task: "detection" },
    },
    {
      name: "as many groups as 30 % of 8 channels allow",
      model: () => classifierOf(8, [{}, {}, { groups: 2 }, { groups: 2 }, { groups: 2 }]),
    },
    {
      name: "dense, where 30 % of 4 channels allow no groups",
      model: () => classifierOf(4, [{}, {}, {}, {}, {}]),
    },
    {
      name: "groups that no runtime could run",
      model: `net (float[1, 10, 8, 8] x) => (y) <float[9, 3, 3, 3] w> { y = Conv<group = 3>(x, w) }`,
      options: { task: "classification", roles: [{ pattern: "*", role: "body" }] },
    },
    {
      name: "dense 1x1 layers, wherever they are",
      model: () =>
        classifier({ kernel: 1 }, { kernel: 1 }, { kernel: 1 }, { kernel: 1 }, { kernel: 1 }),
    },
  ],
  found: [
    {
      name: "groups in a shallow layer",
      model: () => classifier(...except(0, { groups: 4 })),
      findings: [
        {
          node: "layer0",
          messageId: "tooMany",
          message: "classification asks for groups=1 in the shallow body; groups=4 in layer0",
          suggestedGroups: 1,
          severity: "warning",
        },
      ],
    },
    {
      name: "few groups in a deep layer",
      model: () => classifier(...except(3, { groups: 2 })),
      findings: [
        {
          node: "layer3",
          messageId: "tooFew",
          message:
            "classification asks for 8 to 16 groups in the deep body; only groups=2 in layer3",
          suggestedGroups: 16,
          severity: "warning",
        },
      ],
    },
    {
      name: "dense deep layers, said once",
      model: () => classifier({}, {}, { groups: 2 }, {}, {}),
      findings: [
        {
          node: "layer3",
          messageId: "dense",
          message: "classification asks for 8 to 16 groups in the deep body; dense: layer3, layer4",
          related: ["layer4"],
          suggestedGroups: 16,
          severity: "info",
        },
      ],
    },
    {
      name: "two counts in one place are two findings",
      model: () => classifier({ groups: 2 }, { groups: 4 }, ...asked.slice(2)),
      findings: [
        { node: "layer0", messageId: "tooMany", related: [] },
        { node: "layer1", messageId: "tooMany", related: [] },
      ],
    },
    {
      name: "groups in the stem",
      model: () => {
        const s = new Sketch();
        const x = s.conv("body", s.conv("stem", s.image(8, 16), 16, { groups: 4 }), 16);
        s.output("classes", s.linear("fc", s.gap("pool", x), 10));
        return s.model;
      },
      findings: [
        {
          node: "stem",
          messageId: "tooMany",
          message: "classification asks for groups=1 in the stem; groups=4 in stem",
        },
      ],
    },
    {
      name: "more than a detector's backbone is asked for",
      model: () => classifier({}, {}, {}, { groups: 2 }, { groups: 8 }),
      options: { task: "detection" },
      findings: [{ node: "layer4", messageId: "tooMany", suggestedGroups: 2 }],
    },
    {
      name: "ResNeXt-50: 32 groups from first to last, once a stage",
      model: () => buildModel(resnext50({ width: 0.5 }), image),
      findings: [
        { node: "layer1.0.conv2", messageId: "tooMany", suggestedGroups: 1 },
        { node: "layer2.0.conv2", messageId: "tooMany", suggestedGroups: 4 },
        { node: "layer3.0.conv2", messageId: "tooMany", suggestedGroups: 16 },
      ],
    },
    {
      name: "MobileNetV2: depthwise everywhere, mixed behind, so nothing to suggest",
      model: () => buildModel(mobilenetV2({ width: 0.5 }), image),
      findings: [
        {
          node: "features.1.conv.0.0",
          messageId: "depthwise",
          suggestedGroups: null,
          severity: "info",
        },
        { node: "features.4.conv.1.0", messageId: "depthwise" },
        { node: "features.7.conv.1.0", messageId: "depthwise" },
      ],
    },
    {
      name: "depthwise and never mixed",
      model: () => {
        const s = new Sketch();
        const x = s.conv("body", s.conv("stem", s.image(8), 16), 16, { groups: 16 });
        const head = s.conv("head", x, 16, { groups: 16 });
        s.output("classes", s.op("Flatten", [s.gap("pool", head)]));
        return s.model;
      },
      findings: [{ node: "body", messageId: "tooMany", suggestedGroups: 1 }],
    },
    {
      name: "depthwise, and mixed in a factor alone",
      model: () => {
        const s = new Sketch();
        const x = s.conv("body", s.conv("stem", s.image(8), 16), 16, { groups: 16 });
        const squeeze = s.conv("squeeze", s.gap("mean", x), 4, { kernel: 1 });
        const factor = s.op("Sigmoid", [s.bare("excite", squeeze, 16, { kernel: 1 })]);
        const head = s.conv("head", s.op("Mul", [x, factor]), 16, { groups: 16 });
        s.output("classes", s.op("Flatten", [s.gap("pool", head)]));
        return s.model;
      },
      findings: [{ node: "body", messageId: "tooMany" }],
    },
    {
      name: "a U-Net with more groups than 2, 4, 8 and with fewer; recommended informs",
      preset: "recommended",
      model: () => buildModel(unetGrouped({ width: 0.5, groups: [1, 8, 2, 8, 8] }), image),
      findings: [
        {
          node: "down1.maxpool_conv.1.double_conv.0",
          messageId: "tooManyForSegmentation",
          message:
            "segmentation asks for groups=2 in the shallow encoder; groups=8 in " +
            "down1.maxpool_conv.1.double_conv.0, down1.maxpool_conv.1.double_conv.3",
          suggestedGroups: 2,
          severity: "info",
        },
        {
          node: "down2.maxpool_conv.1.double_conv.0",
          messageId: "tooFewForSegmentation",
          message:
            "segmentation asks for groups=4 in the middle encoder; only groups=2 in " +
            "down2.maxpool_conv.1.double_conv.0, down2.maxpool_conv.1.double_conv.3",
          suggestedGroups: 4,
          severity: "info",
        },
        { node: "up2.up", messageId: "tooFewForSegmentation" },
        { node: "up3.up", messageId: "tooManyForSegmentation" },
      ],
    },
  ],
  notApplicable: [
    {
      name: "a network for something else",
      model: () => {
        const s = new Sketch();
        s.output("y", s.bare("b", s.conv("a", s.image(16), 8, { stride: 8 }), 8));
        return s.model;
      },
      reason: "what the network is for is not known: name the task",
    },
    {
      name: "nothing but a head",
      model: () => {
        const s = new Sketch();
        s.output("y", s.bare("conv", s.image(16), 8));
        return s.model;
      },
      options: { task: "classification", roles: [{ pattern: "conv", role: "head" }] },
      reason: "no layer is where the seed says something of classification",
    },
  ],
});
