import fc from "fast-check";
import { expect, it } from "vitest";
import { difference, otherOrders } from "../../../tests/support/channel-orders.js";
import { runModel } from "../../../tests/support/run-model.js";
import type { Model, Value } from "../../graph/index.js";
import { GraphBuilder, newModel } from "../../ops/index.js";
import { Rng } from "../../tensor/index.js";
import { divisors, gcd } from "../../util/math.js";
import { findChannelSpaces } from "./find-channel-spaces.js";
import { permuteChannels } from "./permute-channels.js";

interface Live {
  readonly value: Value;
  readonly channels: number;
}

const STEPS = [
  "conv",
  "conv",
  "conv",
  "depthwise",
  "norm",
  "add",
  "concat",
  "split",
  "gate",
] as const;

/** Layers on any values there are, at one size; every value has its say in the output. */
function randomNetwork(steps: readonly (typeof STEPS)[number][], seed: number): Model {
  const model = newModel("random");
  const g = new GraphBuilder(model.graph);
  const rng = new Rng(seed);
  const weight = (...shape: number[]) => g.constant(rng.normal(shape, 0, 0.5));
  const pick = <T>(items: readonly T[]): T => items[rng.integer(0, items.length)];
  const live: Live[] = [{ value: g.input("x", [1, 4, 5, 5]), channels: 4 }];
  const conv = ({ value, channels }: Live, outChannels: number, group: number): Live => ({
    value: g.op("Conv", [value, weight(outChannels, channels / group, 1, 1), weight(outChannels)], {
      group,
    }),
    channels: outChannels,
  });
  for (const step of steps) {
    const one = pick(live);
    const { value, channels } = one;
    if (step === "conv") {
      const outChannels = pick([2, 4, 6, 8, 12]);
      live.push(conv(one, outChannels, pick(divisors(gcd(channels, outChannels)))));
    } else if (step === "depthwise") live.push(conv(one, channels * pick([1, 2]), channels));
    else if (step === "norm") {
      const spread = g.constant(rng.uniform([channels], 0.5, 1.5));
      const parameters = [weight(channels), weight(channels), weight(channels), spread];
      live.push({ value: g.op("BatchNormalization", [value, ...parameters]), channels });
    } else if (step === "add") {
      const other = pick(live.filter((it) => it.channels === channels));
      live.push({ value: g.op("Tanh", [g.op("Add", [value, other.value])]), channels });
    } else if (step === "concat") {
      const other = pick(live);
      const joined = g.op("Concat", [value, other.value], { axis: 1 });
      live.push({ value: joined, channels: channels + other.channels });
    } else if (step === "split" && channels > 1) {
      const sizes = [rng.integer(1, channels)];
      sizes.push(channels - sizes[0]);
      const parts = g.ops("Split", [value, g.ints(sizes)], { axis: 1 }, 2);
      live.push(...parts.map((part, i) => ({ value: part, channels: sizes[i] })));
    } else if (step === "gate") {
      const pooled = { value: g.op("GlobalAveragePool", [value]), channels };
      const gate = g.op("Sigmoid", [conv(pooled, channels, 1).value]);
      live.push({ value: g.op("Mul", [value, gate]), channels });
    }
  }
  const votes = live.map(({ value, channels }) =>
    g.op("Gemm", [g.op("Flatten", [value]), weight(channels * 25, 2)]),
  );
  g.output(
    votes.reduce((a, b) => g.op("Add", [a, b])),
    "y",
  );
  return model;
}

it("a random network stays the same function when every free space is ordered anew", async () => {
  let freeChannels = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom(...STEPS), { minLength: 1, maxLength: 12 }),
      fc.nat(9999),
      async (steps, seed) => {
        const model = randomNetwork(steps, seed);
        const input = new Rng(seed + 1).normal([1, 4, 5, 5]);
        const before = (await runModel(model, input)).y;
        const spaces = await findChannelSpaces(model);
        for (const { size } of spaces.spaces) freeChannels += size;
        await permuteChannels(model, spaces, otherOrders(spaces, new Rng(seed + 2)));
        expect(difference(before, (await runModel(model, input)).y)).toBeLessThan(1e-4);
      },
    ),
    { numRuns: 60 },
  );
  expect(freeChannels).toBeGreaterThan(300);
});
