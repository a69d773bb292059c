import { expect, it } from "vitest";
import { runModel, runNetwork } from "../../../tests/support/run-model.js";
import { full } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { buildModel } from "../build-model.js";
import { Dropout } from "./dropout.js";
import { Sequential } from "./sequential.js";

const ones = full([1, 10, 100, 100], 1);

it("lets all through in inference, and writes no Dropout node", async () => {
  expect((await runNetwork(new Dropout(0.9), ones)).data).toEqual(ones.data);
  const { graph } = buildModel(new Dropout(0.9), { inputShape: ones.shape });
  expect(graph.nodes.map((node) => node.op)).toEqual(["Identity"]);
});

it("in training drops a share p and keeps the mean; the seed decides which", async () => {
  const train = async (seed: number) => {
    const options = { inputShape: ones.shape, mode: "training", seed } as const;
    return (await runModel(buildModel(new Dropout(0.25), options), ones)).output.data;
  };
  const kept = await train(1);
  expect(new Set(kept)).toEqual(new Set([0, Math.fround(1 / 0.75)]));
  const dropped = kept.filter((value) => value === 0).length / kept.length;
  // 100,000 draws: the share has a standard deviation of 0.0014
  expect(Math.abs(dropped - 0.25)).toBeLessThan(0.006);
  expect(await train(1)).toEqual(kept);
  expect(await train(2)).not.toEqual(kept);
});

it("gives every layer its own draw", async () => {
  const twice = new Sequential([new Dropout(0.5), new Dropout(0.5)]);
  const { output } = await runModel(
    buildModel(twice, { inputShape: ones.shape, mode: "training" }),
    ones,
  );
  const kept = output.data.filter((value) => value === 4).length / output.data.length;
  // kept by both: one half if they drew the same, a quarter if not, with a standard deviation of 0.0014
  expect(Math.abs(kept - 0.25)).toBeLessThan(0.006);
});

it.each([-0.1, 1, Number.NaN])("refuses p=%d", (p) => {
  expect(() => new Dropout(p)).toThrow(UsageError);
  expect(() => new Dropout(p)).toThrow(`Dropout: p=${p} must be at least 0 and less than 1`);
});
