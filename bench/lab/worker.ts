/** Runs what it is told on its standard input, a JSON line each, and answers in kind; see main.ts. */

import { createInterface } from "node:readline";
import { experiments } from "./experiments/index.js";
import { drawPictures } from "./fashion-mnist.js";
import { RECIPE, runArm } from "./recipe.js";
import type { Job } from "./results.js";

const [train, test] = drawPictures(RECIPE.trainExamples, RECIPE.testExamples);
for await (const line of createInterface({ input: process.stdin })) {
  const { experiment, arm, seed } = JSON.parse(line) as Job;
  const found = experiments
    .find(({ id }) => id === experiment)!
    .arms.find(({ name }) => name === arm)!;
  const result = await runArm(experiment, found, seed, train, test);
  process.stdout.write(`${JSON.stringify(result)}\n`);
}
