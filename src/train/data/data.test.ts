import { describe, expect, it } from "vitest";
import { Rng, tensor } from "../../tensor/index.js";
import { ShapeError, UsageError } from "../../util/errors.js";
import { range } from "../../util/math.js";
import {
  augmentAll,
  type Batch,
  part,
  randomFlip,
  randomShift,
  split,
  tensorDataset,
} from "./index.js";

const labels = (...numbers: number[]) => tensor(numbers.map(BigInt), [numbers.length], "int64");

describe("tensorDataset", () => {
  it("gives examples in the order asked for", async () => {
    const data = tensorDataset(tensor([1, 2, 3, 4, 5, 6], [3, 2]), labels(7, 8, 9));
    expect(data.size).toBe(3);
    expect(data.example).toEqual({
      input: [2],
      targets: { output: { dtype: "int64", shape: [] } },
    });
    const { input, targets } = await data.batch([2, 0, 2]);
    expect(input).toEqual(tensor([5, 6, 1, 2, 5, 6], [3, 2]));
    expect(targets.output).toEqual(labels(9, 7, 9));
  });

  it("turns bytes into shares, less the mean, over the deviation, a channel each", async () => {
    const bytes = tensor(Uint8Array.of(0, 255, 51, 102), [1, 2, 1, 2]);
    const data = tensorDataset(bytes, labels(0), { mean: [0, 0.2], std: [1, 0.5] });
    const { input } = await data.batch([0]);
    // (51 / 255 - 0.2) / 0.5 = 0, (102 / 255 - 0.2) / 0.5 = 0.4
    expect([...input.data].map((x) => Math.round(x * 1e6) / 1e6)).toEqual([0, 1, 0, 0.4]);
  });

  it("has targets by output, and refuses what does not fit", async () => {
    const inputs = tensor([1, 2], [2, 1]);
    const data = tensorDataset(inputs, { a: labels(1, 2), b: tensor([3, 4], [2]) });
    expect((await data.batch([1])).targets).toEqual({ a: labels(2), b: tensor([4], [1]) });
    expect(() => tensorDataset(inputs, labels(1))).toThrow(ShapeError);
    expect(() => tensorDataset(inputs, labels(1, 2), { mean: [0, 0] })).toThrow(ShapeError);
    expect(() => tensorDataset(labels(1, 2), labels(1, 2))).toThrow(UsageError);
    expect(() => data.batch([2])).toThrow("batch: index=2 must be from 0 to 1");
  });
});

describe("parts", () => {
  const data = tensorDataset(tensor(range(10), [10, 1], "float32"), labels(...range(10)));

  it("are data sets of their own", async () => {
    const few = part(data, [9, 4]);
    expect(few.size).toBe(2);
    expect((await few.batch([1, 0])).targets.output).toEqual(labels(4, 9));
    expect(() => part(data, [10])).toThrow(UsageError);
  });

  it("of a split share nothing and leave nothing out", async () => {
    const [a, b] = split(data, 0.3, 5);
    expect([a.size, b.size]).toEqual([3, 7]);
    const all = [a, b].map(async (half) => (await half.batch(range(half.size))).input.data);
    const numbers = (await Promise.all(all)).flatMap((list) => [...list]);
    expect(numbers.sort((x, y) => x - y)).toEqual(range(10));
    expect(() => split(data, 0.01)).toThrow(UsageError);
  });
});

describe("augmentation", () => {
  const picture: Batch = {
    input: tensor([1, 2, 3, 4, 5, 6], [1, 1, 2, 3]),
    targets: { output: labels(1) },
  };
  const outcomes = (change: ReturnType<typeof randomFlip>) => {
    const rng = new Rng(1);
    return new Set(range(200).map(() => [...change(picture, rng).input.data].join(" ")));
  };

  it("flips some pictures left to right, and no other way", () => {
    expect(outcomes(randomFlip())).toEqual(new Set(["1 2 3 4 5 6", "3 2 1 6 5 4"]));
  });

  it("shifts by every step up to the limit, filling with 0", () => {
    const seen = outcomes(randomShift(1));
    expect(seen.size).toBe(9);
    expect(seen).toContain("0 0 0 0 1 2"); // down and to the right
    expect(seen).toContain("5 6 0 0 0 0"); // up and to the left
    expect(outcomes(randomShift(0))).toEqual(new Set(["1 2 3 4 5 6"]));
    expect(() => randomShift(-1)).toThrow(UsageError);
  });

  it("goes step by step, and leaves the picture it was given", () => {
    const both = outcomes(augmentAll(randomFlip(), randomShift(1)));
    expect(both).toContain("0 0 0 0 3 2");
    expect([...picture.input.data]).toEqual([1, 2, 3, 4, 5, 6]);
  });
});
