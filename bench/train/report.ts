import { describeMachine, installedVersion } from "../support/machine.js";
import { spreadOf, spreadText } from "../support/spread.js";
import { markdownTable } from "../support/table.js";
import type { Clock } from "./contestant.js";
import type { Case } from "./networks.js";

export interface Side {
  /** One number a round. */
  readonly secondsPerStep: readonly number[];
  readonly peakMegabytes: number;
}

export interface Outcome {
  readonly case: Case;
  readonly parameters: number;
  /** From the modules to a session that can run. */
  readonly setupSeconds: number;
  readonly load: string;
  readonly ours: Side;
  readonly peer: Side | null;
}

export interface ReportInput {
  readonly outcomes: readonly Outcome[];
  readonly rounds: number;
  readonly threads: number;
  readonly clock: Clock;
  readonly peerVersion: string | null;
}

/** What we set out to reach. */
const MOST_ON_AVERAGE = 1.0;
const MOST = 1.5;
const MOST_MEMORY = 2;
const MOST_SETUP = 0.1;
/** A short run of training, in steps. */
const SHORT_RUN = 200;

export function report({ outcomes, rounds, threads, clock, peerVersion }: ReportInput): string {
  return [
    "# A step of training",
    "",
    `\`npm run bench:train -- --rounds ${rounds} --threads ${threads} --clock ${clock}\``,
    "",
    `${describeMachine()}, onnxruntime-node ${installedVersion("onnxruntime-node")}, threads=${threads} a side, ${clock === "wall" ? "wall time" : "time of the processor"}.`,
    peerVersion === null
      ? "The peer is absent: Python has no PyTorch on this machine."
      : `The peer is ${peerVersion}, on the same processor.`,
    "A step is forward, cross-entropy, the gradients of all parameters, and SGD with momentum. Each network runs in",
    `a process of its own on each side; the two take turns, ${rounds} rounds of about half a second each. Median`,
    "(least to most); the ratio is the median of the rounds' ratios. MB of 10^6 bytes: the most a process ever held",
    `resident, runtime and all. Setup: from the modules to a session that can run, in parts of ${SHORT_RUN} steps.`,
    "The same networks beside TensorFlow.js and jax-js, on one thread: [`javascript`](javascript/RESULTS.md).",
    "",
    markdownTable(
      [
        "network",
        "batch",
        "ours, ms",
        "PyTorch, ms",
        "ratio",
        "ours, MB",
        "PyTorch, MB",
        "setup, ms",
        "setup",
        "machine",
      ],
      outcomes.map(row),
    ),
    "",
    ...outcomes.map(({ case: { name, about } }) => `- \`${name}\`: ${about}`),
    "",
    "## Targets",
    "",
    markdownTable(["target", "reached", "met"], targets(outcomes)),
    "",
  ].join("\n");
}

function row(outcome: Outcome): string[] {
  const { case: one, ours, peer, setupSeconds, load } = outcome;
  return [
    one.name,
    `[${one.input.join(", ")}]`,
    milliseconds(ours),
    peer ? milliseconds(peer) : "",
    peer ? ratioOf(ours, peer).toFixed(2) : "",
    ours.peakMegabytes.toFixed(0),
    peer ? peer.peakMegabytes.toFixed(0) : "",
    (setupSeconds * 1000).toFixed(0),
    `${(setupShare(outcome) * 100).toFixed(1)} %`,
    load,
  ];
}

function targets(outcomes: readonly Outcome[]): string[][] {
  const raced = outcomes.flatMap(({ ours, peer }) => (peer ? [{ ours, peer }] : []));
  const setup = Math.max(...outcomes.map(setupShare));
  const rows = [
    [
      `graph and session: at most ${MOST_SETUP * 100} % of ${SHORT_RUN} steps`,
      `${(setup * 100).toFixed(1)} %`,
      yesNo(setup <= MOST_SETUP),
    ],
  ];
  if (raced.length === 0) return rows;
  const ratios = raced.map(({ ours, peer }) => ratioOf(ours, peer));
  const mean = Math.exp(
    ratios.reduce((total, ratio) => total + Math.log(ratio), 0) / ratios.length,
  );
  const most = Math.max(...ratios);
  const memory = Math.max(
    ...raced.map(({ ours, peer }) => ours.peakMegabytes / peer.peakMegabytes),
  );
  return [
    [
      `step, geometric mean: at most ${MOST_ON_AVERAGE.toFixed(1)} of PyTorch's`,
      mean.toFixed(2),
      yesNo(mean <= MOST_ON_AVERAGE),
    ],
    [`step, every network: at most ${MOST.toFixed(1)}`, most.toFixed(2), yesNo(most <= MOST)],
    [
      `memory, every network: at most ${MOST_MEMORY} of PyTorch's`,
      memory.toFixed(2),
      yesNo(memory <= MOST_MEMORY),
    ],
    ...rows,
  ];
}

/** Two runs side by side share the state of the machine: their ratio is steadier than either. */
function ratioOf(ours: Side, peer: Side): number {
  return spreadOf(ours.secondsPerStep.map((seconds, i) => seconds / peer.secondsPerStep[i])).median;
}

function setupShare({ setupSeconds, ours }: Outcome): number {
  return setupSeconds / (SHORT_RUN * spreadOf(ours.secondsPerStep).median);
}

function milliseconds({ secondsPerStep }: Side): string {
  return spreadText(spreadOf(secondsPerStep.map((seconds) => seconds * 1000)), 1);
}

function yesNo(met: boolean): string {
  return met ? "yes" : "no";
}
