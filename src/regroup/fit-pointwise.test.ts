import { Matrix, SVD, solve } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { Rng, type Tensor, tensor } from "../tensor/index.js";
import { ShapeError, UsageError } from "../util/errors.js";
import { range } from "../util/math.js";
import { fitPointwise } from "./fit-pointwise.js";
import { PointwiseSums } from "./pointwise-sums.js";

/** `[N, C, ...size]` as a matrix of one row a pixel. */
function pixels({ data, shape }: Tensor<"float32">): Matrix {
  const [samples, channels, ...rest] = shape;
  const size = rest.reduce((a, b) => a * b, 1);
  return new Matrix(
    range(samples).flatMap((n) =>
      range(size).map((p) => range(channels).map((c) => data[(n * channels + c) * size + p])),
    ),
  );
}

/** What a 1x1 convolution makes of x: t = W x + b. */
function pointwise(
  x: Tensor<"float32">,
  weight: readonly (readonly number[])[],
  bias: readonly number[],
): Tensor<"float32"> {
  const [samples, channels, size] = x.shape;
  const data = range(samples).flatMap((n) =>
    weight.flatMap((row, m) =>
      range(size).map(
        (p) =>
          bias[m] + row.reduce((sum, w, c) => sum + w * x.data[(n * channels + c) * size + p], 0),
      ),
    ),
  );
  return tensor(data, [samples, weight.length, size]);
}

function sumsOf(x: Tensor<"float32">, t: Tensor<"float32">): PointwiseSums {
  const sums = new PointwiseSums(x.shape[1], t.shape[1]);
  sums.add(x, t);
  return sums;
}

const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, digits = 4) => {
  expect(actual.length).toBe(expected.length);
  for (const i of range(expected.length)) expect(actual[i]).toBeCloseTo(expected[i], digits);
};

const planted = [
  [1, -2, 0.5],
  [0, 3, -1],
];

describe("PointwiseSums", () => {
  it("sums over samples and pixels", () => {
    // Pixels of x: (1, 3), (2, 4); of t: 5, 6.
    const sums = sumsOf(tensor([1, 2, 3, 4], [1, 2, 2]), tensor([5, 6], [1, 1, 2]));
    expect(sums.count).toBe(2);
    expect([...sums.x]).toEqual([3, 7]);
    expect([...sums.xx]).toEqual([1 + 4, 3 + 8, 3 + 8, 9 + 16]);
    expect([...sums.tx]).toEqual([5 + 12, 15 + 24]);
    expect([...sums.t, ...sums.tt]).toEqual([11, 25 + 36]);
  });

  it("comes to the same whole, in batches, and merged", () => {
    const rng = new Rng(1);
    const [x, t] = [rng.normal([4, 3, 5, 2]), rng.normal([4, 2, 5, 2])];
    const [first, second] = [sumsOf(x, t), new PointwiseSums(3, 2)];
    const part = (whole: Tensor<"float32">, from: number, to: number) => {
      const each = whole.size / 4;
      const { data, shape } = whole;
      return tensor(data.slice(from * each, to * each), [to - from, ...shape.slice(1)]);
    };
    second.add(part(x, 0, 1), part(t, 0, 1));
    second.merge(sumsOf(part(x, 1, 4), part(t, 1, 4)));
    expect(second.count).toBe(40);
    for (const name of ["xx", "tx", "x", "t", "tt"] as const) close(second[name], first[name], 9);
  });

  it("refuses shapes that do not fit", () => {
    const sums = new PointwiseSums(2, 1);
    const x = tensor([1, 2, 3, 4], [1, 2, 2]);
    expect(() => sums.add(x, tensor([1], [1, 1, 1]))).toThrow(
      new ShapeError(
        "PointwiseSums.add: x=[1,2,2] and t=[1,1,1] must be [N, 2, ...size] and [N, 1, ...size] of one N and size",
      ),
    );
    expect(() => sums.merge(new PointwiseSums(2, 2))).toThrow("channels=2 -> 2 must be 2 -> 1");
  });
});

describe("fitPointwise", () => {
  it("recovers a 1x1 convolution and its bias", async () => {
    const x = new Rng(2).normal([4, 3, 25], 1.5);
    const fit = await fitPointwise(sumsOf(x, pointwise(x, planted, [0.25, -4])), { ridge: 0 });
    expect(fit.weight.shape).toEqual([2, 3, 1, 1]);
    close(fit.weight.data, planted.flat());
    close(fit.bias!.data, [0.25, -4]);
    expect(fit.explained).toBeCloseTo(1, 9);
    expect(fit.solver).toBe("cholesky");
  });

  it("divides by the scale of the branch", async () => {
    const x = new Rng(3).normal([4, 3, 25]);
    const sums = sumsOf(x, pointwise(x, planted, [3, 6]));
    const fit = await fitPointwise(sums, { ridge: 0, scale: 0.3 });
    close(
      fit.weight.data,
      planted.flat().map((w) => w / 0.3),
    );
    close(fit.bias!.data, [10, 20]);
  });

  it("leaves the mean where no bias may take it", async () => {
    const x = tensor([1, 2, 3], [1, 1, 3]);
    const t = tensor([3, 5, 7], [1, 1, 3]); // 2 x + 1
    const fit = await fitPointwise(sumsOf(x, t), { bias: false, ridge: 0 });
    expect(fit.bias).toBeNull();
    expect(fit.weight.data[0]).toBeCloseTo((3 + 10 + 21) / (1 + 4 + 9), 6); // Σ tx / Σ xx
    // 83 - 34² / 14 of 83 are left
    expect(fit.explained).toBeCloseTo(34 ** 2 / 14 / 83, 9);
  });

  it("agrees with ml-matrix on data that no branch explains", async () => {
    const rng = new Rng(4);
    const [x, t] = [rng.normal([3, 6, 40], 0.7), rng.normal([3, 4, 40], -1)];
    const fit = await fitPointwise(sumsOf(x, t), { ridge: 0 });
    const rows = pixels(x);
    const design = Matrix.ones(rows.rows, 7);
    design.setSubMatrix(rows, 0, 0);
    const target = pixels(t);
    const expected = solve(design, target); // by QR: [C + 1, M]
    close(fit.weight.data, expected.subMatrix(0, 5, 0, 3).transpose().to1DArray(), 5);
    close(fit.bias!.data, expected.getRow(6), 5);
    const rest = Matrix.sub(target, design.mmul(expected));
    const spread = target.clone().subRowVector(target.mean("column"));
    expect(fit.explained).toBeCloseTo(1 - rest.norm() ** 2 / spread.norm() ** 2, 9);
    expect(fit.explained).toBeLessThan(0.2);
    for (const [m, share] of fit.explainedByChannel.entries()) {
      const [left, all] = [rest, spread].map((one) => Matrix.columnVector(one.getColumn(m)).norm());
      expect(share).toBeCloseTo(1 - left ** 2 / all ** 2, 9);
    }
  });

  it("takes the smallest of all weights where inputs depend on each other", async () => {
    const rng = new Rng(5);
    const free = rng.normal([2, 2, 30]);
    // Channel 2 is channel 0 again, channel 3 is dead.
    const data = range(2).flatMap((n) => {
      const [a, b] = [0, 1].map((c) => [
        ...free.data.subarray((n * 2 + c) * 30, (n * 2 + c + 1) * 30),
      ]);
      return [...a, ...b, ...a, ...a.map(() => 0)];
    });
    const x = tensor(data, [2, 4, 30]);
    const t = pointwise(x, [[1, 2, 3, 4]], [5]);
    const fit = await fitPointwise(sumsOf(x, t), { ridge: 0 });
    expect(fit.solver).toBe("pseudo-inverse");
    close(fit.weight.data, [2, 2, 2, 0]); // 1 + 3 shared out, nothing on the dead one
    close(fit.bias!.data, [5]);
    expect(fit.explained).toBeCloseTo(1, 9);
    const centredX = pixels(x).subRowVector(pixels(x).mean("column"));
    const centredT = pixels(t).subRowVector(pixels(t).mean("column"));
    const smallest = new SVD(centredX, { autoTranspose: true }).solve(centredT);
    close(fit.weight.data, smallest.to1DArray());

    const held = await fitPointwise(sumsOf(x, t));
    expect(held.solver).toBe("cholesky");
    close(held.weight.data, [2, 2, 2, 0]);
  });

  it("shrinks weights by the ridge, and not the bias", async () => {
    const x = tensor([-1, 1], [1, 1, 2]);
    const t = tensor([9, 11], [1, 1, 2]); // x + 10
    // Sxx = 2 and the ridge as much again
    const fit = await fitPointwise(sumsOf(x, t), { ridge: 1 });
    expect([...fit.weight.data, ...fit.bias!.data]).toEqual([0.5, 10]);
    expect(fit.explained).toBeCloseTo(0.75, 12); // 0.5² of 1² is left
  });

  it("has nothing to do for nothing, and no answer to inputs that never change", async () => {
    const still = tensor([1, 1, 1, 1], [2, 1, 2]);
    const moving = tensor([1, 2, 3, 4], [2, 1, 2]);
    const nothing = sumsOf(moving, tensor([0, 0, 0, 0], [2, 1, 2]));
    expect(await fitPointwise(nothing)).toMatchObject({ explained: 1, explainedByChannel: [NaN] });
    const fit = await fitPointwise(sumsOf(still, moving));
    expect([...fit.weight.data, ...fit.bias!.data]).toEqual([0, 2.5]);
    expect(fit.explained).toBe(0);
  });

  it("refuses data and options that make no fit", async () => {
    await expect(fitPointwise(new PointwiseSums(2, 2))).rejects.toThrow(UsageError);
    const sums = sumsOf(tensor([1, Number.NaN], [1, 1, 2]), tensor([1, 2], [1, 1, 2]));
    await expect(fitPointwise(sums)).rejects.toThrow("the sums xx must be finite");
    const sound = sumsOf(tensor([1, 3], [1, 1, 2]), tensor([1, 2], [1, 1, 2]));
    await expect(fitPointwise(sound, { ridge: -1 })).rejects.toThrow("ridge=-1 must be");
    await expect(fitPointwise(sound, { scale: 0 })).rejects.toThrow("scale=0 must be");
  });
});
