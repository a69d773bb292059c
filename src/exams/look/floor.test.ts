import { expect, it } from "vitest";
import { identityModel } from "../../../tests/support/identity-model.js";
import type { Model } from "../../graph/index.js";
import { Rng } from "../../tensor/index.js";
import { range, sum } from "../../util/math.js";
import type { ExamData } from "../exam-data.js";
import { type ExamineOptions, examine } from "../examine.js";
import { syntheticData } from "../synthetic-data.js";
import { tensorData } from "../tensor-data.js";
import type { LookLayer } from "./section.js";

/** What look says of the model's only layer. */
async function lookAt(
  model: Model,
  data: ExamData,
  look: ExamineOptions["look"] = {},
): Promise<LookLayer> {
  const { sections } = await examine(model, data, { exams: ["look"], look });
  return sections.look!.layers[0];
}

it("knows the correlation of unrelated channels, more in smooth pictures than in noise", async () => {
  const smooth = async (channels: number) => {
    const model = identityModel(channels);
    const data = await syntheticData(model, {
      samples: 2,
      inputShapes: { x: [1, channels, 32, 32] },
    });
    return (await lookAt(model, data)).output;
  };
  const white = new Rng(3).normal([2, 16, 32, 32]);
  const { output: noise } = await lookAt(
    identityModel(16),
    await tensorData(identityModel(16), white),
  );
  const independent = Math.sqrt(2 / (Math.PI * 2048));
  expect(noise.nullAbsR! / independent).toBeGreaterThanOrEqual(1);
  expect(noise.nullAbsR! / independent).toBeLessThan(1.3);
  expect(noise.meanAbsR! / independent).toBeCloseTo(1, 0);
  const pictures = await smooth(16);
  expect(pictures.nullAbsR!).toBeGreaterThan(1.7 * independent);
  expect(pictures.effectiveObservations!).toBeLessThan(2048 / 3);
});

it("takes nothing of what channels have in common for chance, however little is seen of a sample", async () => {
  const [samples, channels, area] = [128, 4, 400];
  const rng = new Rng(6);
  const floors: number[] = [];
  for (const _ of range(6)) {
    const common = rng.normal([samples, area]).data;
    const x = rng.normal([samples, channels, 20, 20]);
    for (let i = 0; i < x.data.length; i++) {
      const place = Math.floor(i / (channels * area)) * area + (i % area);
      x.data[i] = Math.sqrt(0.9) * common[place] + Math.sqrt(0.1) * x.data[i]; // r = 0.9
    }
    const model = identityModel(channels);
    const { positionsSeen, output } = await lookAt(model, await tensorData(model, x));
    expect(positionsSeen).toBe(20);
    expect(output.meanR).toBeCloseTo(0.9, 2);
    floors.push(output.nullAbsR!);
  }
  // White pixels: 0.016 if chance were at its mean, and never less. With a mean common to both halves of the 20
  // positions the products would be off by 0.9 / 19 = 0.047.
  expect(sum(floors) / floors.length).toBeLessThan(0.033);
});

it.each<[string, number[], number]>([
  ["a picture", [8, 8], 16],
  ["an oblong one, of which no grid has 16", [3, 11], 18],
  ["all that there is of a smaller one", [3, 5], 15],
])(
  "sees 16 positions of each sample at least, halves of which tell the floor: %s",
  async (_, size, seen) => {
    const model = identityModel(2);
    const x = new Rng(7).normal([40, 2, ...size]);
    expect(await lookAt(model, await tensorData(model, x), { maxObservations: 80 })).toMatchObject({
      positionsSeen: seen,
      output: { observations: 40 * seen },
    });
  },
);
