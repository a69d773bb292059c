import { expect, it } from "vitest";
import { identityModel } from "../../../tests/support/identity-model.js";
import { Rng, tensor } from "../../tensor/index.js";
import { range } from "../../util/math.js";
import { examine } from "../examine.js";
import { tensorData } from "../tensor-data.js";

/** Of channels that are mixtures of so few signals, seen once in each of 12 samples. */
async function rankOf(channels: number, signals: number): Promise<number> {
  const rng = new Rng(4);
  const source = rng.normal([12, signals]).data;
  const share = rng.normal([channels, signals]).data;
  const x = range(12 * channels).map((i) => {
    const [sample, channel] = [Math.floor(i / channels), i % channels];
    const parts = range(signals).map(
      (k) => source[sample * signals + k] * share[channel * signals + k],
    );
    return channel + parts.reduce((a, b) => a + b);
  });
  const model = identityModel(channels);
  const data = await tensorData(model, tensor(x, [12, channels, 1, 1]));
  const { sections } = await examine(model, data, { exams: ["look"] });
  return sections.look!.layers[0].output.effectiveRank!;
}

it("takes what is rounded off for no signal, however many channels share few of them", async () => {
  expect(await rankOf(96, 1)).toBeCloseTo(1, 9);
  // Each of 95 roots of 1e-7 would add its part of the entropy.
  expect(await rankOf(96, 3)).toBeLessThan(3 + 1e-9);
  expect(await rankOf(96, 3)).toBeGreaterThan(2);
});
