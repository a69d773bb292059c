import { describe, expect, it } from "vitest";
import { networkMacs } from "../../../tests/support/network-macs.js";
import { intAttribute } from "../../graph/index.js";
import { UsageError } from "../../util/errors.js";
import { buildModel } from "../build-model.js";
import { parameterCount } from "../state.js";
import { shufflenetV1 } from "./shufflenet-v1.js";

/** Table 1 of the paper, 3 groups: the units' input and output channels, how many, and the output size. */
const STAGES = [
  { inChannels: 24, outChannels: 240, units: 4, size: 28 },
  { inChannels: 240, outChannels: 480, units: 8, size: 14 },
  { inChannels: 480, outChannels: 960, units: 4, size: 7 },
];
const G = 3;

describe("3 groups, by hand from the paper's table", () => {
  it("has 1,864,728 parameters", () => {
    const norm = (channels: number) => 2 * channels;
    const unit = (inChannels: number, outChannels: number, groups: number, added: number) => {
      const inner = outChannels / 4;
      const first = (inner * inChannels) / groups + norm(inner);
      const depthwise = inner * 9 + norm(inner);
      return first + depthwise + (added * inner) / G + norm(added);
    };
    const stages = STAGES.map(({ inChannels, outChannels, units }, i) => {
      // the first unit sets its output beside the pooled input; in stage 2 its first 1x1 is dense
      const down = unit(inChannels, outChannels, i === 0 ? 1 : G, outChannels - inChannels);
      return down + (units - 1) * unit(outChannels, outChannels, G, outChannels);
    });
    const stem = 24 * 3 * 9 + norm(24);
    const classifier = 960 * 1000;
    // stage 2: 24*60 + 120 + 9*60 + 120 + 216*60/3 + 432 = 6,972, then 3 times
    // 240*60/3 + 120 + 9*60 + 120 + 240*60/3 + 480 = 10,860
    expect([stem, ...stages, classifier]).toEqual([696, 39552, 307680, 556800, 960000]);
    expect(parameterCount(shufflenetV1())).toBe(
      stem + stages[0] + stages[1] + stages[2] + classifier,
    );
    expect(parameterCount(shufflenetV1())).toBe(1864728);
  });

  // Table 1 of the paper
  it("has 137 million multiply-accumulates at 224x224", async () => {
    expect(Math.round((await networkMacs(shufflenetV1(), [1, 3, 224, 224])) / 1e6)).toBe(137);
  });

  it("groups every 1x1 convolution but the first", () => {
    const { graph } = buildModel(shufflenetV1(), { inputShape: [1, 3, 224, 224] });
    const groups = graph.nodes
      .filter((node) => node.op === "Conv" && node.inputs[1]!.initializer!.shape[2] === 1)
      .map((node) => intAttribute(node, "group", 1));
    expect(groups).toEqual([1, ...Array.from({ length: 2 * 16 - 1 }, () => G)]);
    const shuffles = graph.nodes.filter((node) => node.op === "Transpose");
    expect(shuffles).toHaveLength(16);
  });
});

// What the authors' code reports in its README, at the commit named in shufflenet-v1.ts.
it("with 8 groups has 2.4 million parameters, 138 million multiply-accumulates", async () => {
  expect((parameterCount(shufflenetV1({ groups: 8 })) / 1e6).toFixed(1)).toBe("2.4");
  expect(Math.round((await networkMacs(shufflenetV1({ groups: 8 }), [1, 3, 224, 224])) / 1e6)).toBe(
    138,
  );
});

it.each([1, 2, 4, 8])("with %d groups costs about the same as with 3", async (groups) => {
  const macs = await networkMacs(shufflenetV1({ groups }), [1, 3, 224, 224]);
  const ratio = macs / (await networkMacs(shufflenetV1(), [1, 3, 224, 224]));
  expect(Math.abs(ratio - 1)).toBeLessThan(0.05);
});

it("refuses groups the paper has no channels for", () => {
  expect(() => shufflenetV1({ groups: 5 })).toThrow(UsageError);
  expect(() => shufflenetV1({ groups: 5 })).toThrow("groups=5 must be one of 1, 2, 3, 4, 8");
});
