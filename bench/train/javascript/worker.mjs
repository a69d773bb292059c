/**
 * Another library's side, which answers as `../worker.ts` does, or `cannot` and why: `worker.mjs LIBRARY BACKEND CASE`. A
 * step is forward, cross-entropy, all gradients, SGD with momentum; batch norms keep no running statistics.
 */

import { performance } from "node:perf_hooks";
import { createInterface } from "node:readline";
import { networks, numbersFor, parametersOf } from "./networks.mjs";

const [library, backend, name] = process.argv.slice(2);
const { prepare } = await import(`./${library}.mjs`);
const network = networks[name];
const parameters = parametersOf(network);
const count = parameters.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);
const images = numbersFor(network.input);
const { step, version } = await prepare(backend, network, parameters, images);
console.log(`ready ${count} ${version}`);

for await (const line of createInterface({ input: process.stdin })) {
  const [before, cpuBefore] = [performance.now(), process.cpuUsage()];
  let loss = 0;
  try {
    for (let i = 0; i < Number(line.split(" ")[1]); i++) loss = await step();
  } catch ({ message }) {
    console.log(`cannot ${message}`);
    process.exit();
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  console.log(`${(performance.now() - before) / 1000} ${(user + system) / 1e6} ${loss}`);
}
