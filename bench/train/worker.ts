/** Our side of the benchmark, a process of its own: `worker.ts CASE THREADS`, which answers as `peer.py` does. */

import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { parameterCount } from "../../src/nn/index.js";
import { Rng, tensor } from "../../src/tensor/index.js";
import { crossEntropy, initialState, Stepper, sgd } from "../../src/train/index.js";
import { range } from "../../src/util/math.js";
import { CLASSES, cases } from "./networks.js";

const [name, threads] = process.argv.slice(2);
const { network: make, input: inputShape } = cases.find((one) => one.name === name)!;

const started = performance.now();
const network = make();
const state = await initialState(network, inputShape, 0);
const stepper = await Stepper.create(network, state, {
  inputShape,
  loss: crossEntropy(),
  optimizer: sgd({ lr: 0.01, momentum: 0.9 }),
  threads: Number(threads),
});
const seconds = (performance.now() - started) / 1000;
console.log(`ready ${parameterCount(network)} ${seconds}`);

const rng = new Rng(1);
const labels = range(inputShape[0]).map((i) => BigInt(i % CLASSES));
const batch = {
  input: rng.normal(inputShape, 0, 1),
  targets: { output: tensor(BigInt64Array.from(labels), [inputShape[0]]) },
};
let step = 0;

for await (const line of createInterface({ input: process.stdin })) {
  const [word, count] = line.split(" ");
  if (word === "peak") {
    console.log(process.resourceUsage().maxRSS);
    continue;
  }
  const [before, cpuBefore] = [performance.now(), process.cpuUsage()];
  let loss = 0;
  for (let i = 0; i < Number(count); i++)
    loss = (await stepper.run(state, [batch], { step: ++step, lr: 0.01, rng })).loss;
  const { user, system } = process.cpuUsage(cpuBefore);
  console.log(`${(performance.now() - before) / 1000} ${(user + system) / 1e6} ${loss}`);
}
