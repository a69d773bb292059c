/**
 * How long a step of training takes, beside PyTorch on the same processor:
 * `npm run bench:train -- --rounds 9 --threads 2`. Writes RESULTS.md beside this file.
 */

import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { describeLoad } from "../support/machine.js";
import { type Clock, Contestant } from "./contestant.js";
import { type Case, cases } from "./networks.js";
import { type Outcome, report } from "./report.js";

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const JITI = here("../../node_modules/jiti/lib/jiti-cli.mjs");
const PYTHON = process.env.PYTHON ?? "python3";
/** What `peer.py` ends with where Python has no PyTorch. */
const NO_TORCH = 3;
/** About as long as each side runs in a round. */
const ROUND_SECONDS = 0.5;
const WARM_UP_STEPS = 3;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "9" },
    threads: { type: "string", default: "2" },
    clock: { type: "string", default: "wall" },
    only: { type: "string" },
  },
});
const [rounds, threads] = [whole("rounds", values.rounds), whole("threads", values.threads)];
const clock = values.clock as Clock;
if (clock !== "wall" && (clock !== "processor" || threads > 1))
  throw new Error(
    "--clock must be wall, or processor with --threads 1: threads that wait burn time, too",
  );
const chosen = cases.filter(({ name }) => !values.only || values.only.split(",").includes(name));
if (chosen.length === 0) throw new Error(`--only ${values.only}: no such case`);

const hasPeer = findPeer();
const outcomes: Outcome[] = [];
let peerVersion: string | null = null;
for (const one of chosen) {
  const outcome = await race(one);
  outcomes.push(outcome);
  process.stderr.write(
    `${one.name}: ${outcome.ours.secondsPerStep.map((s) => (s * 1000).toFixed(0)).join(" ")} ms, ` +
      `peer ${outcome.peer?.secondsPerStep.map((s) => (s * 1000).toFixed(0)).join(" ")} ms\n`,
  );
}
const text = report({ outcomes, rounds, threads, clock, peerVersion });
if (!values.only) await writeFile(here("RESULTS.md"), text);
process.stdout.write(text);

/** Both sides on one network, taking turns. */
async function race(one: Case): Promise<Outcome> {
  const args = [one.name, String(threads)];
  const ours = await Contestant.start(`groupconv ${one.name}`, process.execPath, [
    JITI,
    here("worker.ts"),
    ...args,
  ]);
  const peer = hasPeer
    ? await Contestant.start(`peer ${one.name}`, PYTHON, [here("peer.py"), ...args])
    : null;
  const [parameters, setupSeconds] = ours.words.map(Number);
  if (peer) {
    const [peerParameters, ...version] = peer.words;
    peerVersion = version.join(" ");
    if (Number(peerParameters) !== parameters)
      throw new Error(`${one.name}: ${parameters} parameters here, ${peerParameters} in the peer`);
  }
  const sides = [ours, peer].filter((side) => side !== null).map(({ contestant }) => contestant);
  for (const side of sides) await side.run(WARM_UP_STEPS);
  const secondsPerStep: number[][] = sides.map(() => []);
  const load = describeLoad();
  const steps = Math.max(1, Math.round(ROUND_SECONDS / (await sides[0].run(1))));
  for (let round = 0; round < rounds; round++)
    for (const i of round % 2 === 0 ? sides.keys() : [...sides.keys()].reverse())
      secondsPerStep[i].push(await sides[i].run(steps, clock));
  const peaks: number[] = [];
  for (const side of sides) {
    peaks.push(await side.peakMegabytes());
    await side.end();
  }
  return {
    case: one,
    parameters,
    setupSeconds,
    load,
    ours: { secondsPerStep: secondsPerStep[0], peakMegabytes: peaks[0] },
    peer: peer && { secondsPerStep: secondsPerStep[1], peakMegabytes: peaks[1] },
  };
}

function whole(name: string, text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new Error(`--${name} ${text} must be 1 or more`);
  return number;
}

function findPeer(): boolean {
  const script = `import sys\ntry: import torch\nexcept ImportError: sys.exit(${NO_TORCH})`;
  const { status, error } = spawnSync(PYTHON, ["-c", script]);
  if (status === 0) return true;
  if (status !== NO_TORCH && !error) throw new Error(`${PYTHON} ended with ${status}`);
  process.stderr.write(`${PYTHON} has no PyTorch: measuring without the peer\n`);
  return false;
}
