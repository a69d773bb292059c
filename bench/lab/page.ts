import { networkMacs } from "../../tests/support/network-macs.js";
import { installedVersion } from "../support/machine.js";
import { markdownTable } from "../support/table.js";
import type { Comparison, Experiment } from "./experiment.js";
import { labNet } from "./lab-net.js";
import { accuracyPlot } from "./plot.js";
import { finalNet, RECIPE, type RunResult } from "./recipe.js";
import { type Estimate, estimate, judge, type Verdict } from "./statistics.js";

/** Points of accuracy, in percent, that would matter to somebody choosing groups. */
export const MATTERS = 0.5;

/** An experiment's page and its picture. */
export async function page(
  experiment: Experiment,
  results: readonly RunResult[],
): Promise<{ markdown: string; svg: string }> {
  const { id, title, seedRows, background, arms, comparisons, limits } = experiment;
  const seeds = new Set(results.map(({ seed }) => seed)).size;
  const rows = await Promise.all(
    arms.map(async (arm) => {
      const own = results.filter((result) => result.arm === arm.name);
      const score = estimate(own.map(percent));
      const macs = await networkMacs(labNet(finalNet(arm)), [1, 1, 28, 28]);
      return [
        arm.name,
        `${score.mean.toFixed(2)} ± ${score.deviation.toFixed(2)}`,
        estimate(own.map((result) => result.testLoss)).mean.toFixed(3),
        own[0].parameters.toLocaleString("en"),
        `${(macs / 1e6).toFixed(2)} M`,
      ];
    }),
  );
  const judged = comparisons.map((comparison) => judgeComparison(comparison, results));
  const markdown = `# ${title}

Seed rows ${seedRows.join(", ")}. Made by \`npm run lab -- --only ${id}\`; the runs are in
[\`bench/lab/results.jsonl\`](../../bench/lab/results.jsonl).

${background}

![Test accuracy of each arm, a dot a seed](${id}.svg)

${markdownTable(["arm", "test accuracy, %", "test loss", "parameters", "MACs"], rows)}

Mean ± standard deviation over ${seeds} seeds.

## What it says

${markdownTable(
  ["claim", "difference, points", "95 % interval", "verdict"],
  judged.map(({ comparison, difference, verdict }) => [
    comparison.claim,
    signed(difference.mean),
    `${signed(difference.low)} to ${signed(difference.high)}`,
    `**${verdict}**`,
  ]),
)}

A difference is that of two arms with the same seed, so with the same examples in the same order; the interval
is Student's, over ${seeds} seeds. *Supported*: it is above zero. *Not supported*: ${MATTERS} points, the least that
would matter, are outside of it. *Undecided*: the runs do not tell. The intervals are not corrected for
the number of claims.

## What it does not say

${limits} One small network on one small data set, and one recipe for all arms but for what their names say: SGD with Nesterov momentum, one
cycle of the learning rate up to ${RECIPE.lr}, weight decay ${RECIPE.weightDecay}, ${RECIPE.epochs} epochs of ${RECIPE.trainExamples.toLocaleString("en")} pictures of Fashion-MNIST in
batches of ${RECIPE.batchSize}, no augmentation; accuracy on ${RECIPE.testExamples.toLocaleString("en")} others. One
rate is not equally good for all: behind a batch norm groups learn more slowly at the same rate, see
[8 groups at three times it](group-warmup.md). The network is in
[\`bench/lab/lab-net.ts\`](../../bench/lab/lab-net.ts). Trained with onnxruntime-node ${installedVersion("onnxruntime-node")}, one
thread a run.
`;
  return { markdown, svg: accuracyPlot(experiment, results) };
}

export interface Judged {
  readonly comparison: Comparison;
  readonly difference: Estimate;
  readonly verdict: Verdict;
}

/** In points of accuracy, seed by seed. */
export function judgeComparison(comparison: Comparison, results: readonly RunResult[]): Judged {
  const bySeed = (arm: string) =>
    results
      .filter((result) => result.arm === arm)
      .sort((a, b) => a.seed - b.seed)
      .map(percent);
  const gap = ({ better, worse }: { better: string; worse: string }) => {
    const [high, low] = [bySeed(better), bySeed(worse)];
    return high.map((score, i) => score - low[i]);
  };
  const own = gap(comparison);
  const other = comparison.minus ? gap(comparison.minus) : own.map(() => 0);
  const difference = estimate(own.map((points, i) => points - other[i]));
  return { comparison, difference, verdict: judge(difference, MATTERS) };
}

/** All verdicts on one page. */
export function indexPage(
  judged: readonly { readonly experiment: Experiment; readonly runs: readonly RunResult[] }[],
): string {
  const rows = judged.flatMap(({ experiment, runs }) =>
    experiment.comparisons.map((comparison) => {
      const { difference, verdict } = judgeComparison(comparison, runs);
      return [
        `[${experiment.title}](${experiment.id}.md)`,
        experiment.seedRows.join(", "),
        comparison.claim,
        `${signed(difference.mean)} (${signed(difference.low)} to ${signed(difference.high)})`,
        verdict,
      ];
    }),
  );
  return `# Evidence

What the seed claims, tried in small controlled experiments: several arms that differ in one thing, several
seeds each, one recipe. An honest "undecided" is a result. Each page says what its numbers cannot tell.

${markdownTable(["experiment", "seed", "claim", "points (95 % interval)", "verdict"], rows)}

\`npm ci --prefix examples && npm run lab\` runs all of it again.
`;
}

function percent({ testAccuracy }: RunResult): number {
  return 100 * testAccuracy;
}

function signed(points: number): string {
  return `${points < 0 ? "−" : "+"}${Math.abs(points).toFixed(2)}`;
}
