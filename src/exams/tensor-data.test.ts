import { describe, expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { Rng, Tensor, tensor, toFloat64 } from "../tensor/index.js";
import { ShapeError, UsageError } from "../util/errors.js";
import { range } from "../util/math.js";
import { dataFromColumns } from "./exam-data.js";
import { syntheticData } from "./synthetic-data.js";
import { tensorColumn, tensorData } from "./tensor-data.js";

const open = () => parseModel("m (float[N, 3, H, W] x) => (y) { y = Relu(x) }");
const two = () =>
  parseModel("m (float[N, 2] image, int64[N] label) => (y, z) { y = Relu(image) z = Neg(label) }");
const counted = (shape: number[]) => {
  const size = shape.reduce((a, b) => a * b, 1);
  return tensor(Float32Array.from(range(size)), shape);
};

describe("batches", () => {
  it("hold the samples in order, the last one fewer", async () => {
    const data = await tensorData(open(), counted([5, 3, 1, 2]), { batchSize: 2 });
    expect(data.batchCount).toBe(3);
    expect(data.inputShapes).toEqual({ x: [2, 3, 1, 2] });
    expect(data.summary).toMatchObject({
      source: "tensors in memory",
      synthetic: false,
      seed: null,
      samples: 5,
      leftOver: 0,
      inputs: [{ name: "x", dtype: "float32", shape: [2, 3, 1, 2] }],
    });
    const batches = await Promise.all(range(3).map((index) => data.batch(index)));
    expect(batches.map(({ x }) => x.shape[0])).toEqual([2, 2, 1]);
    expect(batches.flatMap(({ x }) => [...(x.data as Float32Array)])).toEqual(range(30));
    expect((await data.batch(1)).x.data).toEqual(batches[1].x.data); // and again
  });

  it("are as large as half a million elements, 64 samples at most", async () => {
    const shapes = async (shape: number[]) =>
      (await tensorData(open(), counted(shape))).inputShapes.x;
    expect(await shapes([70, 3, 4, 4])).toEqual([64, 3, 4, 4]);
    expect(await shapes([3, 3, 512, 400])).toEqual([1, 3, 512, 400]);
    expect(await shapes([2, 3, 4, 4])).toEqual([2, 3, 4, 4]); // no more than there are
  });

  it("are full where the model fixes their size, and what is left over is counted", async () => {
    const fixed = parseModel("m (float[4, 3, 2, 2] x) => (y) { y = Relu(x) }");
    const data = await tensorData(fixed, counted([9, 3, 2, 2]), { batchSize: 3 });
    expect([data.batchCount, data.summary.samples, data.summary.leftOver]).toEqual([2, 8, 1]);
    await expect(tensorData(fixed, counted([3, 3, 2, 2]))).rejects.toThrow(
      new ShapeError(
        "data: samples=3 are fewer than the model's batch of 4; it takes only full ones",
      ),
    );
  });

  it("take one sample without its axis", async () => {
    const data = await tensorData(open(), counted([3, 4, 5]));
    expect(data.inputShapes.x).toEqual([1, 3, 4, 5]);
  });
});

describe("several inputs", () => {
  it("go by name", async () => {
    const data = await tensorData(two(), {
      label: tensor([7n, 8n, 9n], [3]),
      image: counted([3, 2]),
    });
    const { image, label } = await data.batch(0);
    expect([...(image.data as Float32Array)]).toEqual(range(6));
    expect([...(label.data as BigInt64Array)]).toEqual([7n, 8n, 9n]);
  });

  it.each([
    [{ imgae: counted([1, 2]) }, 'Did you mean "image"?'],
    [{ image: counted([1, 2]), other: counted([1, 2]) }, "Its inputs: image, label."],
  ])("a name that is none: %#", async (given, help) => {
    const error = await tensorData(two(), given).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toContain("which is not an input of the model");
    expect(error.help).toBe(help);
  });

  it.each([
    [{ image: counted([2, 2]) }, /no data for input "label"; the model has 2 inputs: image, label/],
    [counted([2, 2]), /the model has 2 inputs; give data to each by its name: image, label/],
    [
      { image: counted([2, 2]), label: counted([3]) },
      /input "label" has samples=3, and "image" has samples=2; they must be equal/,
    ],
  ])("what does not fit together: %#", async (given, message) => {
    await expect(tensorData(two(), given)).rejects.toThrow(message);
  });
});

describe("one value for all samples", () => {
  const net = () =>
    parseModel(`m (float[N, 2, 4, 4] x, float[6, 2, 1, 1] w, float gain) => (y) {
      [layer] h = Conv(x, w)
      y = Mul(h, gain)
    }`);
  const whole = () => ({
    x: counted([5, 2, 4, 4]),
    w: counted([6, 2, 1, 1]),
    gain: tensor([2], []),
  });

  it("is in every batch as it is given, however few samples it has", async () => {
    const data = await tensorData(net(), whole(), { batchSize: 2 });
    expect(data.inputShapes).toEqual({ x: [2, 2, 4, 4], w: [6, 2, 1, 1], gain: [] });
    expect(data.summary.samples).toBe(5);
    expect(data.summary.inputs.map(({ perSample }) => perSample)).toEqual([true, false, false]);
    for (const [index, samples] of [2, 2, 1].entries()) {
      const { x, w, gain } = await data.batch(index);
      expect(x.shape).toEqual([samples, 2, 4, 4]);
      expect(w.shape).toEqual([6, 2, 1, 1]);
      expect([...w.data]).toEqual(range(12));
      expect([...gain.data]).toEqual([2]);
    }
  });

  it("may be any input's, when a library says so", async () => {
    const model = parseModel("m (float[N, 3] x, float[3] mean) => (y) { y = Sub(x, mean) }");
    const x = tensorColumn(counted([4, 3]), undefined);
    const data = dataFromColumns(model, { x, mean: counted([3]) }, { source: "here" });
    expect(data.inputShapes).toEqual({ x: [4, 3], mean: [3] });
  });

  it.each([
    [
      { w: counted([1, 6, 2, 1, 1]) },
      /"w": shape=\[1,6,2,1,1\] does not fit the model's \[6,2,1,1\]/,
    ],
    [{ gain: counted([5]) }, /"gain": shape=\[5\] does not fit the model's \[\]/],
    [
      { w: tensor(new Float32Array(12).fill(Number.NaN, 7), [6, 2, 1, 1]) },
      /"w": holds NaN at element=7;/,
    ],
  ])("is refused where it does not fit: %#", async (given, message) => {
    await expect(tensorData(net(), { ...whole(), ...given })).rejects.toThrow(message);
  });

  it("is no column, no noise, and not all there is", async () => {
    const columns = { ...whole(), x: tensorColumn(whole().x, undefined) };
    const column = tensorColumn(columns.w, undefined);
    const options = { source: "here" };
    expect(() => dataFromColumns(net(), { ...columns, w: column }, options)).toThrow(
      'data for input "w", which is one value for all samples: give a tensor, and no column of samples',
    );
    await expect(syntheticData(net())).rejects.toThrow(
      'synthetic data: input "w" is one value for all samples, such as a weight, and no picture; give data for every input',
    );
    const only = parseModel("m (float s) => (y) { y = Neg(s) }");
    await expect(tensorData(only, tensor([1], []))).rejects.toThrow("none takes samples");
  });

  it("is not asked for where the file has it, and refused with the reason", async () => {
    const model = net();
    const { w, ...rest } = whole();
    model.graph.find("w")!.initializer = w;
    expect((await tensorData(model, rest)).inputShapes).toEqual({ x: [5, 2, 4, 4], gain: [] });
    await expect(tensorData(model, { ...rest, w })).rejects.toThrow(
      'data for "w", whose value is in the model; leave it out, it is examined with that',
    );
  });
});

describe("types", () => {
  const half = () => parseModel("m (float16[N, 2] x) => (y) { y = Relu(x) }");
  const bytes = () => parseModel("m (uint8[N, 2] x) => (y) { y = Cast<to = 1>(x) }");

  it.each([
    ["float32 into float16", half, counted([2, 2])],
    ["float64 into float16", half, tensor([0, 1, 2, 3], [2, 2], "float64")],
    ["int32 into float16", half, tensor([0, 1, 2, 3], [2, 2], "int32")],
    ["float32 into uint8", bytes, counted([2, 2])],
    ["int64 into uint8", bytes, tensor([0, 1, 2, 3], [2, 2], "int64")],
    [
      "bfloat16 into float32",
      () => parseModel("m (float[N, 2] x) => (y) { y = Relu(x) }"),
      tensor([0, 1, 2, 3], [2, 2], "bfloat16"),
    ],
  ])("%s", async (_, model, given) => {
    const { x } = await (await tensorData(model(), given)).batch(0);
    expect(x.dtype).toBe((await tensorData(model(), given)).summary.inputs[0].dtype);
    expect([...toFloat64(x.dtype, x.bytes)]).toEqual([0, 1, 2, 3]);
  });

  it.each([
    [
      "a fraction into bytes",
      bytes,
      tensor([0.5, 1], [1, 2]),
      /float32 numbers into uint8: .*0\.5/,
    ],
    ["a large number into bytes", bytes, tensor([256, 1], [1, 2], "int32"), /256/],
    ["complex numbers", half, new Tensor("complex64", [1, 2], new Float32Array(4)), /are not real/],
  ])("%s is refused", async (_, model, given, message) => {
    await expect(tensorData(model(), given)).rejects.toThrow(message);
  });
});

it.each([Number.NaN, Number.POSITIVE_INFINITY])("%d is refused with its place", async (bad) => {
  const given = new Rng(1).normal([7, 3, 2, 2]);
  given.data[12 * 5 + 4] = bad;
  await expect(tensorData(open(), given, { batchSize: 2 })).rejects.toThrow(
    new UsageError(
      `data for input "x": sample=5 holds ${bad} at element=4; every number must be finite`,
    ),
  );
});

it.each([
  [[2, 4, 5, 5], "shape=[n,4,5,5] does not fit the model's [N,3,H,W]"],
  [[2, 3], "shape=[n,3] does not fit the model's [N,3,H,W]"],
])("a shape of %j is refused beside the model's", async (shape, message) => {
  await expect(tensorData(open(), counted(shape))).rejects.toThrow(message);
});

it("no samples, and no batch size, are refused", async () => {
  await expect(tensorData(open(), counted([0, 3, 2, 2]))).rejects.toThrow("there is no sample");
  await expect(tensorData(open(), counted([1, 3, 2, 2]), { batchSize: 0 })).rejects.toThrow(
    "batchSize=0 must be a whole number from 1",
  );
});
