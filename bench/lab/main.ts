/**
 * The seed's claims as controlled experiments: `npm run lab`, or `npm run lab -- --only thirty-percent`.
 * Needs the examples' data: `npm ci --prefix examples`. Every run is kept in results.jsonl as soon as it is
 * done, so that an interrupted lab goes on; the pages in docs/evidence are made of that file
 * (`npm run lab -- --pages` makes them alone).
 */

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { experiments } from "./experiments/index.js";
import { indexPage, page } from "./page.js";
import type { RunResult } from "./recipe.js";
import { addResult, completeResults, type Job, missingJobs, readResults } from "./results.js";

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const JITI = here("../../node_modules/jiti/lib/jiti-cli.mjs");

/** The examples import the package by its name; a worker takes this code for it. */
const ALIASES = {
  "groupconv/train": here("../../src/train/index.ts"),
  groupconv: here("../../src/index.node.ts"),
};

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    workers: { type: "string", default: "2" },
    pages: { type: "boolean", default: false },
  },
});
const chosen = experiments.filter(({ id }) => !values.only || values.only.split(",").includes(id));
if (chosen.length === 0) throw new Error(`--only ${values.only}: no such experiment`);

const workers = Number(values.workers);
if (!(Number.isInteger(workers) && workers >= 1))
  throw new Error(`--workers ${values.workers} must be 1 or more`);

if (!values.pages) await runAll(missingJobs(chosen, readResults()), workers);
await writePages(readResults());

/** Hands jobs to as many processes, each with one thread. */
async function runAll(jobs: readonly Job[], workers: number): Promise<void> {
  const queue = [...jobs];
  let done = 0;
  const start = performance.now();
  const tell = (result: RunResult) => {
    addResult(result);
    done++;
    const leftMinutes = ((performance.now() - start) / done / 60_000) * (jobs.length - done);
    process.stderr.write(
      `${done} of ${jobs.length}: ${result.experiment}, ${result.arm}, seed ${result.seed}: ` +
        `${(result.testAccuracy * 100).toFixed(2)} %; about ${leftMinutes.toFixed(0)} min left\n`,
    );
  };
  const count = Math.min(workers, queue.length);
  await Promise.all(Array.from({ length: count }, () => work(queue, tell)));
}

/** One process, until the queue is empty. */
async function work(queue: Job[], tell: (result: RunResult) => void): Promise<void> {
  const child = spawn(process.execPath, [JITI, here("worker.ts")], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, JITI_ALIAS: JSON.stringify(ALIASES) },
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  for (let job = queue.shift(); job; job = queue.shift()) {
    child.stdin.write(`${JSON.stringify(job)}\n`);
    const { value, done } = await answers.next();
    if (done)
      throw new Error(`the worker ended in ${job.experiment}, ${job.arm}, seed ${job.seed}`);
    tell(JSON.parse(value) as RunResult);
  }
  child.stdin.end();
}

async function writePages(results: readonly RunResult[]): Promise<void> {
  const folder = here("../../docs/evidence/");
  mkdirSync(folder, { recursive: true });
  const judged = experiments
    .map((experiment) => ({ experiment, runs: completeResults(experiment, results) }))
    .filter(({ runs }) => runs.some(({ seed }) => seed > 0)); // one seed has no spread
  for (const { experiment, runs } of judged) {
    const { markdown, svg } = await page(experiment, runs);
    writeFileSync(`${folder}${experiment.id}.md`, markdown);
    writeFileSync(`${folder}${experiment.id}.svg`, svg);
  }
  writeFileSync(`${folder}README.md`, indexPage(judged));
}
