/**
 * Three layers with every group count, on the processor and by WebAssembly in a browser, one after the other:
 * `npm run bench:ask:wasm -- --budget 15`. Writes WASM.md beside this file.
 */

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { sweepGroups } from "../../../src/exams/ask/ask.node.js";
import { contextModel, LAYER } from "../../../src/exams/ask/context-model.js";
import type { ConfigurationSweep } from "../../../src/exams/index.js";
import { packagedBrowser } from "../../../tests/support/browser.js";
import { sampleConfiguration } from "../../../tests/support/sample-configuration.js";
import { describeLoad, describeMachine, installedVersion } from "../../support/machine.js";
import { markdownTable } from "../../support/table.js";

const { values } = parseArgs({
  options: {
    budget: { type: "string", default: "15" },
    /** The program of a browser; that of the tests by default. */
    browser: { type: "string" },
  },
});
const budgetSeconds = Number(values.budget);
const browser = values.browser ?? (await packagedBrowser()).path;
const LAYERS = [
  [128, 14],
  [256, 7],
  [128, 28],
] as const;
const TARGETS = ["ort-cpu", "ort-wasm"] as const;

interface Swept {
  readonly layer: string;
  readonly target: string;
  readonly sweep: ConfigurationSweep;
}

const load = describeLoad();
const swept: Swept[] = [];
for (const [channels, side] of LAYERS)
  for (const target of TARGETS) {
    const layer = `3x3, ${channels} channels, ${side}x${side}`;
    process.stderr.write(`${layer} on ${target}\n`);
    swept.push({ layer, target, sweep: await sweepOf(channels, side, target) });
  }

async function sweepOf(
  channels: number,
  side: number,
  target: (typeof TARGETS)[number],
): Promise<ConfigurationSweep> {
  const size = [1, channels, side, side];
  const layer = sampleConfiguration({ inShape: size, outShape: size });
  // On the processor the layers around run in blocks of channels; WebAssembly has none.
  const isHere = target === "ort-cpu";
  const place = isHere ? "blocked" : "plain";
  const { configurations, unswept } = await sweepGroups(
    contextModel({ ...layer, before: place, after: place }, 1),
    {
      layers: [LAYER],
      target,
      browser: isHere ? undefined : browser,
      threads: 1,
      budgetMs: 1000 * budgetSeconds,
      cache: false,
    },
  );
  if (configurations.length !== 1) throw new Error(`not timed: ${unswept[0]?.reason}`);
  return configurations[0];
}

const counts = [...new Set(swept.flatMap(({ sweep }) => sweep.counts.map(({ groups }) => groups)))];
counts.sort((a, b) => a - b);
const text = [
  "# Ask: the processor and WebAssembly",
  "",
  `${describeMachine()}, onnxruntime-node ${installedVersion("onnxruntime-node")}, onnxruntime-web`,
  `${installedVersion("onnxruntime-web")}, 1 thread, wall clock, at most ${budgetSeconds} s a line, ${load}.`,
  "",
  "Milliseconds by group count, medians. The spread is the widest distance between quartiles, of the median.",
  "",
  markdownTable(
    ["layer", "target", ...counts.map((count) => `G=${count}`), "rounds", "spread", "settled"],
    swept.map(({ layer, target, sweep }) => [
      layer,
      target,
      ...counts.map((count) => timeOf(sweep, count)),
      String(Math.min(...sweep.counts.map(({ ms }) => ms.samples))),
      `${Math.round(100 * widestSpread(sweep))} %`,
      sweep.settled ? "yes" : "no",
    ]),
  ),
  "",
].join("\n");
await writeFile(new URL("WASM.md", import.meta.url), text);
process.stdout.write(text);

function timeOf({ counts }: ConfigurationSweep, groups: number): string {
  return counts.find((count) => count.groups === groups)?.ms.median.toPrecision(3) ?? "";
}

function widestSpread({ counts }: ConfigurationSweep): number {
  return Math.max(...counts.map(({ ms }) => (ms.high - ms.low) / ms.median));
}
