import { expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { Rng, toFloat64 } from "../tensor/index.js";
import { range, sum } from "../util/math.js";
import { octaveNoise } from "./octave-noise.js";
import { syntheticData } from "./synthetic-data.js";

const model = (input = "float[N, 3, H, W] x") =>
  parseModel(`m (${input}) => (y) <float[8, 3, 3, 3] w> { a = Cast<to = 1>(x) y = Conv(a, w) }`);

/** Power of a picture's row-mean spectrum at whole frequencies, by the plain transform. */
function rowPower(picture: Float32Array, size: number, frequency: number): number {
  let power = 0;
  for (const y of range(size)) {
    const [re, im] = [Math.cos, Math.sin].map((wave) =>
      sum(
        range(size).map((x) => picture[y * size + x] * wave((2 * Math.PI * frequency * x) / size)),
      ),
    );
    power += re * re + im * im;
  }
  return power / size;
}

it("falls off with frequency as natural pictures do", () => {
  // Equal variance an octave, in two dimensions: the power along one axis falls as 1/f.
  const [size, pictures] = [64, 24];
  const rng = new Rng(7);
  const power = (frequency: number) =>
    sum(
      range(pictures).map((i) =>
        rowPower(octaveNoise(rng.fork(`${i}`), size, size), size, frequency),
      ),
    );
  const slope = Math.log2(power(16) / power(2)) / 3;
  expect(slope).toBeLessThan(-0.6);
  expect(slope).toBeGreaterThan(-1.6);
});

it("has mean 0 and variance 1, and colours that share most", async () => {
  const data = await syntheticData(model(), { samples: 40, inputShapes: { x: [1, 3, 48, 48] } });
  const batches = await Promise.all(range(data.batchCount).map((i) => data.batch(i)));
  const values = batches.flatMap(({ x }) => [...(x.data as Float32Array)]);
  const mean = sum(values) / values.length;
  expect(mean).toBeCloseTo(0, 0);
  expect(sum(values.map((v) => (v - mean) ** 2)) / values.length).toBeCloseTo(1, 0);
  const [red, green] = [0, 1].map((c) => values.filter((_, i) => Math.floor(i / 2304) % 3 === c));
  expect(sum(red.map((v, i) => v * green[i])) / sum(red.map((v) => v * v))).toBeCloseTo(0.9, 1);
});

it("is the same for the same seed, whatever the batches, and says that it is synthetic", async () => {
  const shapes = { inputShapes: { x: [1, 3, 8, 8] }, samples: 4 };
  const numbers = async (options: object) => {
    const data = await syntheticData(model(), { ...shapes, ...options });
    const batches = await Promise.all(range(data.batchCount).map((i) => data.batch(i)));
    return batches.flatMap(({ x }) => [...(x.data as Float32Array)]);
  };
  expect(await numbers({ batchSize: 3 })).toEqual(await numbers({ batchSize: 1 }));
  expect(await numbers({ seed: 1 })).not.toEqual(await numbers({}));
  const { summary } = await syntheticData(model(), { ...shapes, seed: 5 });
  expect(summary).toMatchObject({
    synthetic: true,
    seed: 5,
    samples: 4,
    source: "synthetic 1/f noise",
  });
});

it("fits the model: fixed batches, half floats, bytes with channels last", async () => {
  const fixed = await syntheticData(model("float16[16, 3, 8, 8] x"));
  expect([fixed.summary.samples, fixed.batchCount]).toEqual([16, 1]);
  expect((await fixed.batch(0)).x.dtype).toBe("float16");
  const bytes = parseModel("m (uint8[N, 32, 32, 3] x) => (y) { y = Cast<to = 1>(x) }");
  const { x } = await (await syntheticData(bytes)).batch(0);
  const numbers = toFloat64(x.dtype, x.bytes);
  expect(sum(numbers) / numbers.length).toBeGreaterThan(98);
  expect(sum(numbers) / numbers.length).toBeLessThan(158);
  // Neighbours across share a colour: three elements on, not one.
  const difference = (step: number) =>
    sum(range(2000).map((i) => Math.abs(numbers[i] - numbers[i + step]))) / 2000;
  expect(difference(3)).toBeLessThan(30);
});

it.each([
  ["int64[N, 128] x", /input "x" \(int64, rank=2\) is no picture or signal; give data for it/],
  ["float[N, 1, 4, 4, 4] x", /rank=5/],
])("%s is refused", async (input, message) => {
  const other = parseModel(`m (${input}) => (y) { y = Identity(x) }`);
  await expect(syntheticData(other)).rejects.toThrow(message);
});

it("refuses no samples", async () => {
  await expect(syntheticData(model(), { samples: 0 })).rejects.toThrow(
    "samples=0 must be a whole number from 1",
  );
});

it("refuses a batch that takes more than the memory, by what the input's type takes", async () => {
  const draw = (input: string, memoryBytes: number) =>
    syntheticData(model(input), { samples: 2, memoryBytes });
  // 2 x 3 x 8 x 8 = 384 numbers
  expect((await draw("uint8[N, 3, 8, 8] x", 384)).batchCount).toBe(1);
  await expect(draw("uint8[N, 3, 8, 8] x", 383)).rejects.toThrow(
    "x [2,3,8,8] uint8 takes 384 bytes",
  );
  await expect(draw("float16[N, 3, 8, 8] x", 767)).rejects.toThrow("float16 takes 768 bytes");
});
