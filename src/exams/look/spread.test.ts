import { expect, it } from "vitest";
import { parseModel } from "../../graph/index.js";
import { Rng, type Tensor, tensor } from "../../tensor/index.js";
import { range, sum } from "../../util/math.js";
import { examine } from "../examine.js";
import { tensorData } from "../tensor-data.js";
import type { ChannelSummary } from "./section.js";

const [CHANNELS, AREA] = [6, 9];
const DEAD = 4;

/** In two groups, each of which gives its channels on as they are. */
const model = parseModel(`
  m (float[N, 6, H, W] x) => (y) <float[6, 3, 1, 1] w = {
    1, 0, 0,  0, 1, 0,  0, 0, 1,  1, 0, 0,  0, 1, 0,  0, 0, 1}> { [conv] y = Conv<group = 2>(x, w) }`);

/** Channels that have something in common, each the more the later it comes, and one that is always 0. */
function pictures(samples: number, area = AREA): Tensor<"float32"> {
  const rng = new Rng(8);
  const common = rng.normal([samples, area]).data;
  const x = rng.normal([samples, CHANNELS, area], 0.5);
  for (let i = 0; i < x.data.length; i++) {
    const channel = Math.floor(i / area) % CHANNELS;
    const place = Math.floor(i / area / CHANNELS) * area + (i % area);
    x.data[i] = channel === DEAD ? 0 : x.data[i] + 0.3 * channel * common[place];
  }
  return tensor(x.data, [samples, CHANNELS, Math.sqrt(area), Math.sqrt(area)]);
}

function samplesOf(x: Tensor<"float32">, picked: readonly number[]): Tensor<"float32"> {
  const size = x.data.length / x.shape[0];
  const rows = picked.flatMap((i) => [...x.data.subarray(i * size, (i + 1) * size)]);
  return tensor(rows, [picked.length, ...x.shape.slice(1)]);
}

async function lookAt(x: Tensor<"float32">, batchSize: number): Promise<ChannelSummary> {
  const { sections } = await examine(model, await tensorData(model, x, { batchSize }), {
    exams: ["look"],
    look: { maxObservations: Number.POSITIVE_INFINITY },
  });
  return sections.look!.layers[0].output;
}

/** `[C][n]` */
function channelsOf(x: Tensor<"float32">): number[][] {
  const area = x.shape[2] * x.shape[3];
  return range(CHANNELS).map((channel) =>
    [...x.data].filter((_, i) => Math.floor(i / area) % CHANNELS === channel),
  );
}

const meanOf = (numbers: readonly number[]) => sum(numbers) / numbers.length;
const sdOf = (numbers: readonly number[]) =>
  Math.sqrt(meanOf(numbers.map((n) => (n - meanOf(numbers)) ** 2)));

/** Of five numbers in order the quartiles are the second and the fourth. */
function quartilesOf(numbers: readonly number[]) {
  const [, low, median, high] = numbers.toSorted((a, b) => a - b);
  expect(numbers.length).toBe(5);
  expect(high - low).toBeGreaterThan(1e-2);
  const near = (n: number) => expect.closeTo(n, 4);
  return { median: near(median), low: near(low), high: near(high), samples: 5 };
}

it("has the deviations that pairs, blocks and channels have", async () => {
  const x = pictures(5);
  const found = await lookAt(x, 2);
  const rows = channelsOf(x);
  const living = range(CHANNELS).filter((channel) => channel !== DEAD);
  const r = (i: number, j: number) =>
    meanOf(rows[i].map((v, k) => (v - meanOf(rows[i])) * (rows[j][k] - meanOf(rows[j])))) /
    (sdOf(rows[i]) * sdOf(rows[j]));
  const pairs = living.flatMap((i) =>
    living.filter((j) => j > i).map((j) => ({ i, j, r: r(i, j) })),
  );
  const abs = (picked: typeof pairs) => picked.map((pair) => Math.abs(pair.r));
  const groupOf = (channel: number) => Math.floor(channel / 3);
  const within = pairs.filter(({ i, j }) => groupOf(i) === groupOf(j));
  const across = pairs.filter(({ i, j }) => groupOf(i) !== groupOf(j));
  expect([pairs.length, within.length, across.length]).toEqual([10, 4, 6]);
  expect(found.sdR).toBeCloseTo(sdOf(pairs.map((pair) => pair.r)), 5);
  expect(found.sdAbsR).toBeCloseTo(sdOf(abs(pairs)), 5);
  expect(found.sdWithinGroupsAbsR).toBeCloseTo(sdOf(abs(within)), 5);
  expect(found.sdAcrossGroupsAbsR).toBeCloseTo(sdOf(abs(across)), 5);

  // What two blocks of three hold of r^2, each against the half that would be all of it; 2 of 5 others by chance.
  const squares = sum(pairs.map((pair) => pair.r ** 2));
  const scores = [0, 1].map((block) => {
    const own = within.filter(({ i }) => groupOf(i) === block);
    return ((2 * sum(own.map((pair) => pair.r ** 2))) / squares - 2 / 5) / (1 - 2 / 5);
  });
  const [, ofTwo] = found.blockScores; // of 3 blocks, and of 2
  expect(found.blockScores.map(({ groups }) => groups)).toEqual([2, 3]);
  expect(found.blockScores[0].score).toBeCloseTo(meanOf(scores), 5);
  expect(found.blockScores[0].sdScore).toBeCloseTo(sdOf(scores), 5);
  expect(ofTwo.sdScore).toBeGreaterThan(0);

  const own = living.map((i) => 5 / sum(living.map((j) => (i === j ? 1 : r(i, j) ** 2))));
  expect(found.participationSpread).toEqual(quartilesOf(own));
  expect(found.participation).toBeCloseTo(5 / meanOf(own.map((n) => 5 / n)), 4);
  const relative = living.map((i) => sdOf(rows[i]) / Math.sqrt(meanOf(rows[i].map((v) => v * v))));
  expect(found.relativeStdSpread).toMatchObject({
    samples: 5,
    median: expect.closeTo(relative.toSorted()[2], 4),
  });
  const six = rows.map(sdOf).toSorted((a, b) => a - b);
  expect(found.stdSpread.median).toBeCloseTo((six[2] + six[3]) / 2, 4);
  expect(found.stdSpread.samples).toBe(6);
});

it("has the rank of each half of the samples, and none of a single sample", async () => {
  const x = pictures(5);
  const { effectiveRankHalves: halves, effectiveRank } = await lookAt(x, 2);
  const ranks = [
    (await lookAt(samplesOf(x, [0, 1, 2]), 2)).effectiveRank!,
    (await lookAt(samplesOf(x, [3, 4]), 2)).effectiveRank!,
  ];
  expect(halves![0]).toBeCloseTo(ranks[0], 4);
  expect(halves![1]).toBeCloseTo(ranks[1], 4);
  expect(Math.abs(ranks[0] - ranks[1])).toBeGreaterThan(1e-2);
  expect(effectiveRank).not.toBeCloseTo(ranks[0], 2);
  expect((await lookAt(samplesOf(x, [0]), 1)).effectiveRankHalves).toBeNull();
});

it("keeps the halves alike where samples are summed up one by one", async () => {
  // 4096 observations a sample: each is reduced before the next one is there.
  const wide = pictures(4, 4096);
  const { effectiveRankHalves: halves } = await lookAt(wide, 1);
  for (const [i, picked] of [
    [0, 2],
    [1, 3],
  ].entries())
    expect(halves![i]).toBeCloseTo((await lookAt(samplesOf(wide, picked), 2)).effectiveRank!, 4);
});

it("has the deviation of the floor, measured or of independent observations", async () => {
  // One number a sample has no halves: n = 400 independent ones, |r| half normal with deviation sqrt(1 - 2 / pi) / 20.
  const flat = await lookAt(tensor(new Rng(2).normal([400, 6]).data, [400, 6, 1, 1]), 100);
  expect(flat.nullAbsR).toBeCloseTo(Math.sqrt(2 / Math.PI) / 20, 9);
  expect(flat.sdNullAbsR).toBeCloseTo(Math.sqrt(1 - 2 / Math.PI) / 20, 9);
});

it("has the deviation of the floor as measured, where neighbours are alike", async () => {
  // Rows of 8 positions that are all the same: as few independent ones as there are rows.
  const x = pictures(6, 64);
  for (let i = 0; i < x.data.length; i++) x.data[i] = x.data[i - (i % 8)];
  const found = await lookAt(x, 6);
  const living = range(CHANNELS).filter((channel) => channel !== DEAD);
  const halves = range(6).map((sample) =>
    range(CHANNELS).map((channel) => {
      const start = (sample * CHANNELS + channel) * 64;
      return [0, 32].map((half) => {
        const own = [...x.data.subarray(start + half, start + half + 32)];
        return own.map((value) => value - meanOf(own));
      });
    }),
  );
  const dot = (a: readonly number[], b: readonly number[]) =>
    sum(a.map((value, k) => value * b[k]));
  const over = (of: (sample: number) => number) => sum(range(6).map(of));
  const shifted = (i: number, j: number) => over((s) => dot(halves[s][i][0], halves[s][j][1]));
  // Of 64 numbers less two means 62 are free.
  const square = (i: number) =>
    Math.sqrt(64 / 62) * over((s) => sum(halves[s][i].map((half) => dot(half, half))));
  const each = living.flatMap((i) =>
    living
      .filter((j) => j > i)
      .map((j) => Math.abs(shifted(i, j) + shifted(j, i)) / Math.sqrt(square(i) * square(j))),
  );
  expect(found.nullAbsR).toBeCloseTo(meanOf(each), 5);
  expect(found.nullAbsR).toBeGreaterThan(1.5 * Math.sqrt(2 / (Math.PI * 6 * 64)));
  expect(found.sdNullAbsR).toBeCloseTo(sdOf(each), 5);
});
