import { describe, expect, it } from "vitest";
import { runNetwork } from "../../../tests/support/run-model.js";
import { intAttribute } from "../../graph/index.js";
import { Rng } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { buildModel } from "../build-model.js";
import { stateDict } from "../state.js";
import { SceneAwareConv } from "./scene-aware-conv.js";

function convs(scene: SceneAwareConv): { name: string; kernel: number; groups: number }[] {
  const { graph } = buildModel(scene, { inputShape: [1, 3, 16, 16] });
  return graph.nodes
    .filter((node) => node.op === "Conv")
    .map((node) => ({
      name: node.name,
      kernel: node.inputs[1]!.initializer!.shape[2],
      groups: intAttribute(node, "group", 1),
    }));
}

describe.each([
  ["classification", [1, 2, 4]],
  ["detection", [1, 1, 2]],
] as const)("%s", (task, groups) => {
  const scene = new SceneAwareConv(task);

  it(`has groups ${groups}, and the seed's names and channels`, () => {
    expect(convs(scene).map((conv) => conv.groups)).toEqual(groups);
    const weights = [...stateDict(scene)].filter(([name]) => name.endsWith("0.weight"));
    expect(weights.map(([name, { shape }]) => [name, ...shape])).toEqual([
      ["conv_layers.0.0.weight", 64, 3 / groups[0], 3, 3],
      ["conv_layers.1.0.weight", 128, 64 / groups[1], 3, 3],
      ["conv_layers.2.0.weight", 256, 128 / groups[2], 3, 3],
    ]);
  });

  it("halves the size three times", async () => {
    const y = await runNetwork(scene, new Rng(1).normal([2, 3, 16, 24]));
    expect(y.shape).toEqual([2, 256, 2, 3]);
  });
});

it("is for classification unless told otherwise", () => {
  expect(convs(new SceneAwareConv()).map((conv) => conv.groups)).toEqual([1, 2, 4]);
});

describe("segmentation", () => {
  const scene = new SceneAwareConv("segmentation");

  it("has groups 2, 4, 8 down, 8, 4, 2 up, and dense skip connections", () => {
    const found = convs(scene);
    const groups = (part: string) =>
      found
        .filter((conv) => conv.name.startsWith(`conv_layers.${part}.`))
        .map((conv) => conv.groups);
    expect(groups("stem")).toEqual([1]);
    expect(groups("down")).toEqual([2, 4, 8]);
    expect(groups("up")).toEqual([8, 4, 2]);
    expect(groups("skip")).toEqual([1, 1, 1]);
    expect(found.filter((conv) => conv.kernel === 1)).toHaveLength(3);
  });

  it("gives a map as large as the image", async () => {
    const y = await runNetwork(scene, new Rng(1).normal([2, 3, 16, 24]));
    expect(y.shape).toEqual([2, 32, 16, 24]);
  });
});

it("refuses a scene it does not know", () => {
  const build = () => new SceneAwareConv("pose" as "detection");
  expect(build).toThrow(UsageError);
  expect(build).toThrow("stageType=pose must be one of classification, detection, segmentation");
});
