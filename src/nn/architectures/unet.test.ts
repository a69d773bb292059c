import { describe, expect, it } from "vitest";
import { intAttribute } from "../../graph/index.js";
import { ShapeError } from "../../util/errors.js";
import { buildModel } from "../build-model.js";
import { parameterCount, stateDict } from "../state.js";
import { unet, unetGrouped } from "./unet.js";

describe("dense", () => {
  it("has 31,037,698 parameters: milesial's UNet(n_channels=3, n_classes=2), summed by hand", () => {
    const norm = (channels: number) => 2 * channels;
    const double = (inC: number, outC: number) =>
      9 * inC * outC + norm(outC) + 9 * outC * outC + norm(outC);
    const down =
      double(3, 64) + double(64, 128) + double(128, 256) + double(256, 512) + double(512, 1024);
    const up = (inC: number) => inC * (inC / 2) * 4 + inC / 2 + double(inC, inC / 2);
    const total = down + up(1024) + up(512) + up(256) + up(128) + 64 * 2 + 2;
    expect(total).toBe(31037698);
    expect(parameterCount(unet())).toBe(total);
  });

  it("has that project's names", () => {
    const names = [...stateDict(unet()).keys()].filter((name) => name.endsWith(".weight"));
    expect(names.slice(0, 5)).toEqual([
      "inc.double_conv.0.weight",
      "inc.double_conv.1.weight",
      "inc.double_conv.3.weight",
      "inc.double_conv.4.weight",
      "down1.maxpool_conv.1.double_conv.0.weight",
    ]);
    expect(names.slice(-6)).toEqual([
      "up4.up.weight",
      "up4.conv.double_conv.0.weight",
      "up4.conv.double_conv.1.weight",
      "up4.conv.double_conv.3.weight",
      "up4.conv.double_conv.4.weight",
      "outc.conv.weight",
    ]);
  });
});

it("sets the skip connection before what comes up, as that project's weights expect", () => {
  const { graph } = buildModel(unet(), { inputShape: [1, 3, 32, 32] });
  const joins = graph.nodes.filter((node) => node.op === "Concat");
  const producers = joins.map((node) => node.inputs.map((input) => input?.producer?.name));
  expect(producers).toEqual([
    ["down3.maxpool_conv.1.double_conv.5", "up1.up"],
    ["down2.maxpool_conv.1.double_conv.5", "up2.up"],
    ["down1.maxpool_conv.1.double_conv.5", "up3.up"],
    ["inc.double_conv.5", "up4.up"],
  ]);
});

describe("grouped (S10)", () => {
  const { graph } = buildModel(unetGrouped(), { inputShape: [1, 3, 64, 64] });
  const groupsOf = (part: string, kernel: number) =>
    graph.nodes
      .filter((node) => node.name.startsWith(part) && /^Conv/.test(node.op))
      .filter((node) => node.inputs[1]!.initializer!.shape[2] === kernel)
      .map((node) => intAttribute(node, "group", 1));

  it("goes 2, 4, 8 down and 8, 4, 2 up, between dense ends", () => {
    const path = ["inc", "down1", "down2", "down3", "down4", "up1", "up2", "up3", "up4"];
    expect(path.map((part) => groupsOf(part, 3))).toEqual(
      [1, 2, 4, 8, 8, 8, 4, 2, 1].map((groups) => [groups, groups]),
    );
    expect(["up1", "up2", "up3", "up4"].map((part) => groupsOf(part, 2))).toEqual([
      [8],
      [4],
      [2],
      [1],
    ]);
  });

  it("joins every skip connection by a dense 1x1 convolution, unless what follows is dense", () => {
    expect(["up1", "up2", "up3", "up4"].map((part) => groupsOf(part, 1))).toEqual([
      [1],
      [1],
      [1],
      [],
    ]);
  });

  it("takes other groups", () => {
    expect(parameterCount(unetGrouped({ groups: [1, 1, 1, 1, 1] }))).toBe(parameterCount(unet()));
  });
});

it("refuses groups that cannot be", () => {
  expect(() => unet({ groups: [3, 1, 1, 1, 1] })).toThrow(ShapeError);
  expect(() => unet({ groups: [3, 1, 1, 1, 1] })).toThrow("groups[0]=3 must be 1");
  expect(() => unet({ groups: [1, 2, 4, 8, 3] })).toThrow("groups=3 must divide");
});
