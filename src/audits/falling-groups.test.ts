import { Sketch } from "../../tests/support/sketch.js";
import { testAudit } from "../../tests/support/test-audit.js";
import { buildModel, regnetX400mf, resnext50, unetGrouped } from "../nn/index.js";
import { fallingGroups } from "./falling-groups.js";

/** A layer of 32 channels at each size, and a dense 1x1 between them. */
function classifier(...groups: readonly number[]) {
  const s = new Sketch();
  let x = s.conv("stem", s.image(64), 32);
  for (const [i, count] of groups.entries()) {
    x = s.conv(`stage${i}`, x, 32, { stride: 2, groups: count });
    x = s.conv(`mix${i}`, x, 32, { kernel: 1 });
  }
  s.output("classes", s.linear("fc", s.gap("pool", x), 10));
  return s.model;
}

/** These groups on the way down, and these on the way up, coarse to fine. */
function segmenter(down: readonly number[], up: readonly number[]) {
  const s = new Sketch();
  const maps = [s.conv("stem", s.image(64), 32)];
  for (const [i, count] of down.entries())
    maps.push(s.conv(`down${i}`, s.pool(maps[i]), 32, { groups: count }));
  let x = maps.pop()!;
  for (const [i, count] of up.entries()) {
    x = s.conv(`mix${i}`, s.concat(`join${i}`, s.up(`size${i}`, x), maps.pop()!), 32, {
      kernel: 1,
    });
    x = s.conv(`up${i}`, x, 32, { groups: count });
  }
  s.output("mask", s.bare("last", x, 4, { kernel: 1 }));
  return s.model;
}

const image = { inputShape: [1, 3, 64, 64] };

testAudit(fallingGroups, {
  clean: [
    { name: "growing", model: () => classifier(2, 4, 8) },
    { name: "the same everywhere", model: () => classifier(4, 4, 4) },
    { name: "dense stages and depthwise ones aside", model: () => classifier(4, 1, 32, 8) },
    { name: "ResNeXt: 32 in every stage", model: () => buildModel(resnext50(), image) },
    { name: "RegNet: growing with the channels", model: () => buildModel(regnetX400mf(), image) },
    {
      name: "the seed's U-Net: 2, 4, 8 down, 8, 4, 2 up",
      model: () => buildModel(unetGrouped({ width: 0.25 }), image),
    },
    {
      name: "falling towards the output of a decoder",
      model: () => segmenter([1, 1, 1], [8, 4, 2]),
    },
  ],
  found: [
    {
      name: "fewer in the middle: one fall, not one a layer",
      model: () => classifier(8, 4, 4, 16),
      findings: [
        {
          node: "stage1",
          messageId: "falling",
          message: "groups fall from 8 in stage0 to 4 in stage1, a deeper stage",
          related: ["stage0"],
          suggestedGroups: 8,
          severity: "warning",
        },
      ],
    },
    {
      name: "a fall across a dense stage, and another one",
      model: () => classifier(8, 1, 4, 2),
      findings: [
        { node: "stage2", messageId: "falling", related: ["stage0"] },
        { node: "stage3", messageId: "falling", related: ["stage2"] },
      ],
    },
    {
      name: "an encoder, too",
      model: () => segmenter([2, 8, 4], [1, 1, 1]),
      findings: [{ node: "down2", messageId: "falling", related: ["down1"] }],
    },
    {
      name: "the first of the layers that have the most",
      model: () => {
        const s = new Sketch();
        let x = s.conv("stem", s.image(64), 32, { stride: 2 });
        for (const [name, groups] of Object.entries({ a: 4, b: 8, c: 8 }))
          x = s.conv(`mix_${name}`, s.conv(name, x, 32, { groups }), 32, { kernel: 1 });
        x = s.pool(x);
        for (const [name, groups] of Object.entries({ d: 2, e: 4, f: 4 }))
          x = s.conv(`mix_${name}`, s.conv(name, x, 32, { groups }), 32, { kernel: 1 });
        s.output("classes", s.linear("fc", s.gap("pool", x), 10));
        return s.model;
      },
      findings: [{ node: "e", messageId: "falling", related: ["b"] }],
    },
    {
      name: "channels that allow as many by depthwise alone, or not at all",
      model: () => {
        const s = new Sketch();
        let x = s.conv("stem", s.image(64), 32);
        for (const [name, channels, groups] of [
          ["wide", 32, 16],
          ["sixteen", 16, 8], // of 16 channels only 16 groups are as many
          ["six", 6, 3], // of 6 channels none
        ] as const) {
          x = s.conv(`to_${name}`, s.pool(x), channels, { kernel: 1 });
          x = s.conv(name, x, channels, { groups });
        }
        s.output("classes", s.linear("fc", s.gap("pool", x), 10));
        return s.model;
      },
      findings: [
        { node: "sixteen", messageId: "falling", suggestedGroups: null },
        { node: "six", messageId: "falling", suggestedGroups: null },
      ],
    },
    {
      name: "recommended informs",
      preset: "recommended",
      model: () => classifier(8, 4),
      findings: [{ node: "stage1", messageId: "falling", severity: "info" }],
    },
    {
      name: "rising towards the output of a decoder",
      model: () => segmenter([1, 1, 1], [2, 8, 8]),
      findings: [
        {
          node: "up1",
          messageId: "rising",
          message: "groups rise from 2 in up0 to 8 in up1, a finer stage of the decoder",
          related: ["up0"],
          suggestedGroups: 2,
          severity: "warning",
        },
      ],
    },
  ],
  notApplicable: [
    {
      name: "one stage with groups",
      model: () => classifier(1, 4, 1),
      reason: "no two stages have groups of several channels",
    },
    { name: "depthwise stages", model: () => classifier(32, 32, 32), reason: /several channels/ },
  ],
});
