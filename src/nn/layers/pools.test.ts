import { describe, expect, it } from "vitest";
import { runNetwork } from "../../../tests/support/run-model.js";
import { tensor } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { AvgPool2d } from "./avg-pool2d.js";
import { GlobalAvgPool2d } from "./global-avg-pool2d.js";
import { MaxPool2d } from "./max-pool2d.js";

const row = (...values: number[]) => tensor(values, [1, 1, 1, values.length]);
const square = tensor([1, 2, 3, 4, 5, 6, 7, 8, 9], [1, 1, 3, 3]);

describe("MaxPool2d", () => {
  it("steps by its kernel", async () => {
    const y = await runNetwork(new MaxPool2d(2), tensor([1, 5, 2, 0, 3, 4, 8, 7], [1, 1, 2, 4]));
    expect([...y.data]).toEqual([5, 8]);
  });

  it("takes stride, padding and dilation", async () => {
    const overlapping = new MaxPool2d(3, { stride: 2, padding: 1 });
    expect([...(await runNetwork(overlapping, square)).data]).toEqual([5, 6, 8, 9]);
    const dilated = new MaxPool2d([1, 2], { stride: 1, dilation: [1, 2] });
    expect([...(await runNetwork(dilated, row(9, 1, 2, 8))).data]).toEqual([9, 8]);
  });

  it("never takes a maximum from the padding", async () => {
    const y = await runNetwork(
      new MaxPool2d(3, { stride: 3, padding: 1 }),
      tensor([-4], [1, 1, 1, 1]),
    );
    expect([...y.data]).toEqual([-4]);
  });

  it("leaves the rest out, or in with ceilMode", async () => {
    const cut = new MaxPool2d([1, 2]);
    expect([...(await runNetwork(cut, row(1, 2, 3))).data]).toEqual([2]);
    const kept = new MaxPool2d([1, 2], { ceilMode: true });
    expect([...(await runNetwork(kept, row(1, 2, 3))).data]).toEqual([2, 3]);
  });
});

describe("AvgPool2d", () => {
  it("counts the padding, or does not", async () => {
    const options = { stride: [1, 2], padding: [0, 1] } as const;
    const counted = await runNetwork(new AvgPool2d([1, 3], options), row(3, 6, 9));
    expect([...counted.data]).toEqual([(0 + 3 + 6) / 3, (6 + 9 + 0) / 3]);
    const bare = new AvgPool2d([1, 3], { ...options, countIncludePad: false });
    expect([...(await runNetwork(bare, row(3, 6, 9))).data]).toEqual([(3 + 6) / 2, (6 + 9) / 2]);
  });

  it("steps by its kernel", async () => {
    expect([...(await runNetwork(new AvgPool2d([1, 2]), row(1, 3, 5, 9))).data]).toEqual([2, 7]);
  });
});

it("GlobalAvgPool2d is the mean of each channel", async () => {
  const y = await runNetwork(
    new GlobalAvgPool2d(),
    tensor([1, 2, 3, 4, 10, 20, 30, 40], [1, 2, 2, 2]),
  );
  expect(y.shape).toEqual([1, 2, 1, 1]);
  expect([...y.data]).toEqual([2.5, 25]);
});

it.each([MaxPool2d, AvgPool2d])("%o refuses sizes out of range", (Pool) => {
  expect(() => new Pool(0)).toThrow(`${Pool.name}: kernel=0 must be a whole number of at least 1`);
  expect(() => new Pool(2, { stride: 0 })).toThrow("stride=0 must be a whole number of at least 1");
  expect(() => new Pool(3, { padding: 2 })).toThrow(UsageError);
  expect(() => new Pool(3, { padding: 2 })).toThrow("padding=2 must be at most half of kernel=3");
});
