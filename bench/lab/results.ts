import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Experiment } from "./experiment.js";
import { RECIPE, type RunResult } from "./recipe.js";

const file = fileURLToPath(new URL("results.jsonl", import.meta.url));

/** One training that an experiment asks for. */
export interface Job {
  readonly experiment: string;
  readonly arm: string;
  readonly seed: number;
}

/** All runs so far with the recipe as it is. A line that a kill cut short is left out. */
export function readResults(): RunResult[] {
  if (!existsSync(file)) return [];
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.endsWith("}"))
    .map((line) => JSON.parse(line) as RunResult)
    .filter(({ recipe }) => recipe === RECIPE.version);
}

/** The runs of an experiment, of the seeds that every arm has a run of. */
export function completeResults(
  { id, arms }: Experiment,
  results: readonly RunResult[],
): RunResult[] {
  const own = results.filter(({ experiment }) => experiment === id);
  const has = (arm: string, seed: number) =>
    own.some((run) => run.arm === arm && run.seed === seed);
  return own.filter(({ seed }) => arms.every(({ name }) => has(name, seed)));
}

export function addResult(result: RunResult): void {
  const isCut = existsSync(file) && !readFileSync(file, "utf8").endsWith("\n");
  appendFileSync(file, `${isCut ? "\n" : ""}${JSON.stringify(result)}\n`);
}

/** What is still to be run, all arms with one seed before the next. */
export function missingJobs(experiments: readonly Experiment[], done: readonly RunResult[]): Job[] {
  const key = ({ experiment, arm, seed }: Job) => JSON.stringify([experiment, arm, seed]);
  const known = new Set(done.map(key));
  const most = Math.max(...experiments.map(({ seeds = RECIPE.seeds }) => seeds));
  const jobs = Array.from({ length: most }, (_, seed) =>
    experiments
      .filter(({ seeds = RECIPE.seeds }) => seed < seeds)
      .flatMap(({ id, arms }) =>
        arms.map(({ name }): Job => ({ experiment: id, arm: name, seed })),
      ),
  );
  return jobs.flat().filter((job) => !known.has(key(job)));
}
