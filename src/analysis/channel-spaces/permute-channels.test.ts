import { describe, expect, it } from "vitest";
import { buildModel, Conv2d, ReLU, Sequential } from "../../nn/index.js";
import { tensor } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { findChannelSpaces } from "./find-channel-spaces.js";
import { permuteTensors } from "./permute-channels.js";

describe("permuteTensors", () => {
  it("moves tensors of the constants' names, and leaves the others alone", async () => {
    const network = new Sequential([new Conv2d(3, 4, 1), new ReLU(), new Conv2d(4, 2, 1)]);
    const spaces = await findChannelSpaces(buildModel(network, { inputShape: [1, 3, 4, 4] }));
    const [space] = spaces.spaces;
    const momentum = new Map([
      ["0.bias", tensor([1, 2, 3, 4], [4])],
      ["2.weight", tensor([1, 2, 3, 4, 5, 6, 7, 8], [2, 4, 1, 1])],
      ["2.bias", tensor([1, 2], [2])],
      ["step", tensor([7], [])],
    ]);
    const moved = permuteTensors(momentum, spaces, new Map([[space, [3, 0, 1, 2]]]));
    expect([...moved.get("0.bias")!.data]).toEqual([4, 1, 2, 3]);
    expect([...moved.get("2.weight")!.data]).toEqual([4, 1, 2, 3, 8, 5, 6, 7]);
    expect(moved.get("2.bias")).toBe(momentum.get("2.bias"));
    expect(moved.get("step")).toBe(momentum.get("step"));
    expect([...momentum.get("0.bias")!.data]).toEqual([1, 2, 3, 4]);
  });

  it("refuses orders that are none, of spaces that have none, and tensors of another shape", async () => {
    const network = new Sequential([new Conv2d(3, 4, 1), new ReLU(), new Conv2d(4, 2, 1)]);
    const spaces = await findChannelSpaces(buildModel(network, { inputShape: [1, 3, 4, 4] }));
    const [space] = spaces.spaces;
    const [{ space: classes }] = spaces.along("2.weight", 0)!;
    const permute = (order: number[], of = space, bias = [1, 2, 3, 4]) =>
      permuteTensors(
        new Map([["0.bias", tensor(bias, [bias.length])]]),
        spaces,
        new Map([[of, order]]),
      );
    expect(() => permute([0, 1, 2, 2])).toThrow("2 is out of range or named twice");
    expect(() => permute([1, 0], classes)).toThrow("for a space that is pinned");
    expect(() => permute([1, 0], { name: "", size: 2, pinned: false })).toThrow(
      "for a space that is not of this model",
    );
    expect(() => permute([1, 0, 2, 3], space, [1, 2, 3])).toThrow(
      '"0.bias" of shape=[3] must have 4 channels on axis 0',
    );
    expect(() => spaces.along("3.weight", 0)).toThrow(UsageError);
    expect(permute([0, 1], classes).size).toBe(1); // as it is: nothing is asked
  });
});
