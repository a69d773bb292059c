/**
 * A step of training beside the JavaScript libraries that have gradients, one thread each:
 * `npm ci --prefix bench/train/javascript && npm run bench:train:javascript`. Writes RESULTS.md beside this file.
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeLoad, describeMachine, installedVersion } from "../../support/machine.js";
import { markdownTable } from "../../support/table.js";
import { cases } from "../networks.js";

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const JITI = here("../../../node_modules/jiti/lib/jiti-cli.mjs");
const OUR_STEPS = 5;

/** What trains: a file beside this one, and the library's backend. */
interface Library {
  readonly file: string;
  readonly backend: string;
}

const libraries: readonly Library[] = [
  { file: "jax", backend: "wasm" },
  { file: "tensorflow", backend: "cpu" },
  { file: "tensorflow", backend: "wasm" },
];

/** What a process said: who it is, the processor's seconds for each call that ended in time, why there were none. */
interface Told {
  readonly parameters: string;
  readonly version: string;
  readonly seconds: readonly number[];
  readonly obstacle: string | null;
}

const { values } = parseArgs({
  options: { limit: { type: "string", default: "60" }, only: { type: "string" } },
});
const limit = Number(values.limit);
if (!(limit > 0)) throw new Error(`--limit ${values.limit} must be a number of seconds above 0`);
const chosen = cases.filter(({ name }) => !values.only || values.only.split(",").includes(name));
if (chosen.length === 0) throw new Error(`--only ${values.only}: no such case`);
if (!existsSync(here("node_modules")))
  throw new Error("the libraries are missing: npm ci --prefix bench/train/javascript");

const titles: string[] = libraries.map(() => "");
const obstacles = new Set<string>();
const rows: string[][] = [];
for (const { name } of chosen) {
  const load = describeLoad();
  const ours = listen([JITI, here("../worker.ts"), name, "1"], [1, 1, OUR_STEPS]);
  const own = ours.seconds[2] / OUR_STEPS;
  const row = [name, (own * 1000).toFixed(0)];
  for (const [i, { file, backend }] of libraries.entries()) {
    const told = listen([here("worker.mjs"), file, backend, name], [1, 1]);
    if (told.parameters !== ours.parameters)
      throw new Error(`${name}: ${told.parameters} parameters in ${file}, ${ours.parameters} here`);
    titles[i] = `${told.version}, ${backend}`;
    if (told.obstacle) obstacles.add(`${titles[i]}: ${told.obstacle}`);
    row.push(...describe(told, own));
  }
  rows.push([...row, load]);
  process.stderr.write(`${row.join(" | ")}\n`);
}
const text = report();
if (!values.only) await writeFile(here("RESULTS.md"), text);
process.stdout.write(text);

/** Starts a process, has it make so many steps at each call, and ends it when the time is over. */
function listen(args: readonly string[], calls: readonly number[]): Told {
  const { stdout } = spawnSync(process.execPath, args, {
    input: calls.map((steps) => `run ${steps}\n`).join(""),
    encoding: "utf8",
    timeout: limit * 1000,
    killSignal: "SIGKILL",
    stdio: ["pipe", "pipe", "ignore"],
  });
  const [ready = "", ...answers] = stdout.trim().split("\n");
  const [word, parameters, ...version] = ready.split(" ");
  if (word !== "ready") throw new Error(`${args.join(" ")}: said "${ready}" instead of "ready"`);
  const last = answers.at(-1) ?? "";
  const obstacle = last.startsWith("cannot ") ? last.slice("cannot ".length) : null;
  const steps = (obstacle ? [] : answers).map((answer) => answer.split(" ").map(Number));
  const strange = steps.find(([, , loss]) => !Number.isFinite(loss));
  if (strange) throw new Error(`${args.join(" ")}: loss=${strange[2]}`);
  const seconds = steps.map(([, processor]) => processor);
  return { parameters, version: version.join(" "), seconds, obstacle };
}

/** The faster step, and how many times ours it takes. */
function describe({ seconds, obstacle }: Told, own: number): string[] {
  if (obstacle) return ["cannot", ""];
  if (seconds.length === 0) return [`over ${limit} s`, ""];
  const least = Math.min(...seconds);
  return [`${least.toFixed(1)} s`, (least / own).toFixed(0)];
}

function report(): string {
  return [
    "# A step of training beside JavaScript libraries",
    "",
    `\`npm run bench:train:javascript -- --limit ${limit}\``,
    "",
    `${describeMachine()}, onnxruntime-node ${installedVersion("onnxruntime-node")}, processor time.`,
    `The networks and the step of [\`bench/train\`](../RESULTS.md), all on one thread. Ours: the mean of ${OUR_STEPS} steps,`,
    "in ms. Theirs: the faster of two steps, the first of which may include compiling, and how many times as long it takes",
    `as ours; "over" where not even one ended within ${limit} s by the wall. TensorFlow.js has no grouped convolution: here`,
    "it is a split, a convolution a group, and a concat. Its package for Node is not here: installing it downloads a binary from elsewhere.",
    "",
    markdownTable(
      ["network", "ours, ms", ...titles.flatMap((title) => [title, "times ours"]), "machine"],
      rows,
    ),
    "",
    ...[...obstacles].map((obstacle) => `- ${obstacle}`),
    "",
  ].join("\n");
}
