import { describe, expect, it } from "vitest";
import { runNetwork } from "../../../tests/support/run-model.js";
import { intAttribute } from "../../graph/index.js";
import type { TemplateRole } from "../../groups/index.js";
import { Rng } from "../../tensor/index.js";
import { buildModel } from "../build-model.js";
import { parameterCount, stateDict } from "../state.js";
import { convBlock, convBlockNetwork } from "./conv-block.js";

/** Channels in, hidden, out, and groups of the two convolutions of a block. */
function convsOf(inChannels: number, outChannels: number, role: TemplateRole) {
  const { graph } = buildModel(convBlock(inChannels, outChannels, role), {
    inputShape: [1, inChannels, 8, 8],
  });
  return graph.nodes
    .filter((node) => node.op === "Conv")
    .map((node) => [...node.inputs[1]!.initializer!.shape, intAttribute(node, "group", 1)]);
}

describe("convBlock", () => {
  it.each([
    ["stem", 3, 64, 3, 1],
    ["body", 64, 128, 256, 4],
    ["head", 256, 10, 512, 1],
    ["body", 3, 8, 12, 1], // the seed's min(4, 3 // 4) is 0 groups
    ["body", 18, 8, 72, 3], // the seed's 4 does not divide 18
  ] as const)(
    "%s %d -> %d: hidden %d, groups %d",
    (role, inChannels, outChannels, hidden, groups) => {
      expect(convsOf(inChannels, outChannels, role)).toEqual([
        [hidden, inChannels / groups, 3, 3, groups],
        [outChannels, hidden, 1, 1, 1],
      ]);
    },
  );

  it("is conv, norm, ReLU, conv, norm", () => {
    const { graph } = buildModel(convBlock(4, 4, "body"), { inputShape: [1, 4, 8, 8] });
    expect(graph.nodes.map((node) => node.op)).toEqual([
      ...["Conv", "BatchNormalization", "Relu"],
      ...["Conv", "BatchNormalization"],
    ]);
  });
});

describe("convBlockNetwork", () => {
  it("is the seed's four blocks, numbered as its nn.Sequential", async () => {
    const network = convBlockNetwork();
    expect([...stateDict(network).keys()].filter((name) => name.endsWith("0.weight"))).toEqual([
      "0.0.weight",
      "1.0.weight",
      "2.0.weight",
      "3.0.weight",
    ]);
    const block = (inC: number, hidden: number, outC: number, groups: number) =>
      hidden * (inC / groups) * 9 + hidden + 2 * hidden + outC * hidden + outC + 2 * outC;
    expect(parameterCount(network)).toBe(
      block(3, 3, 64, 1) +
        block(64, 256, 128, 4) +
        block(128, 512, 256, 4) +
        block(256, 512, 10, 1),
    );
    const y = await runNetwork(network, new Rng(1).normal([2, 3, 8, 8]));
    expect(y.shape).toEqual([2, 10, 8, 8]);
  });

  it("tells as many classes apart as asked", async () => {
    const y = await runNetwork(convBlockNetwork({ classes: 3 }), new Rng(1).normal([1, 3, 4, 4]));
    expect(y.shape).toEqual([1, 3, 4, 4]);
  });
});
