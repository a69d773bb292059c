/**
 * One layer with every group count, as each kind of a convolution that the exam `ask` times:
 * `npm run bench:ask:kinds -- --budget 15`. Writes KINDS.md beside this file.
 */

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { sweepGroups } from "../../../src/exams/ask/ask.node.js";
import { contextModel, LAYER } from "../../../src/exams/ask/context-model.js";
import type { Clock, Configuration, ConfigurationSweep } from "../../../src/exams/index.js";
import { kindText } from "../../../src/util/kind-text.js";
import { sampleConfiguration } from "../../../tests/support/sample-configuration.js";
import { describeLoad, describeMachine, installedVersion } from "../../support/machine.js";
import { markdownTable } from "../../support/table.js";

const { values } = parseArgs({
  options: {
    budget: { type: "string", default: "15" },
    threads: { type: "string", default: "1" },
    clock: { type: "string", default: "processor" },
  },
});
const [budgetSeconds, threads] = [Number(values.budget), Number(values.threads)];

const size = [1, 128, 28, 28];
const layer = sampleConfiguration({ inShape: size, outShape: size });
const float16 = { dtype: "float16", source: "constant", scales: null } as const;
const int8 = { dtype: "int8", source: "constant", scales: "channel" } as const;
const uint8 = { dtype: "uint8", source: "constant", scales: null } as const;
const kinds: Configuration[] = [
  { ...layer, before: "blocked", after: "blocked" },
  { ...layer, dataType: "float16", weight: float16, before: "blocked", after: "blocked" },
  { ...layer, weight: { ...layer.weight, source: "computed" } },
  { ...layer, weight: { ...int8, source: "dequantised" } },
  { ...layer, op: "ConvTranspose", outputPadding: [0, 0] },
  { ...layer, dataType: "uint8", weight: int8 },
  { ...layer, op: "QLinearConv", dataType: "int8", weight: int8 },
  { ...layer, op: "ConvInteger", dataType: "uint8", weight: uint8, bias: false },
];

const before = describeLoad();
const swept: ConfigurationSweep[] = [];
for (const kind of kinds) {
  process.stderr.write(`${kindText(kind)}\n`);
  const { configurations, unswept } = await sweepGroups(contextModel(kind, 1), {
    layers: [LAYER],
    threads,
    clock: values.clock as Clock,
    budgetMs: 1000 * budgetSeconds,
    cache: false,
  });
  if (configurations.length !== 1) throw new Error(`not timed: ${unswept[0]?.reason}`);
  swept.push(configurations[0]);
}

const groups = swept[0].counts.map((count) => count.groups);
const text = [
  "# Ask: one layer as every kind of a convolution",
  "",
  `3x3, 128 -> 128 channels, 28x28. ${describeMachine()}, onnxruntime-node ${installedVersion("onnxruntime-node")},`,
  `${threads} thread(s), ${values.clock} clock, at most ${budgetSeconds} s a kind, ${before}.`,
  "",
  "## ms",
  "",
  markdownTable(
    ["kind", ...groups.map((count) => `G=${count}`), "taken off", "settled"],
    swept.map(({ configuration, counts, fixedMs, settled }) => [
      kindText(configuration),
      ...counts.map(({ ms }) => ms.median.toPrecision(3)),
      fixedMs?.toPrecision(3) ?? "unknown",
      settled ? "yes" : "no",
    ]),
  ),
  "",
  "## Speed-up over dense, where G is promised",
  "",
  markdownTable(
    ["kind", ...groups.map((count) => `G=${count}`)],
    swept.map(({ configuration, counts }) => [
      kindText(configuration),
      ...counts.map(({ measured }) => measured.toPrecision(3)),
    ]),
  ),
  "",
].join("\n");
await writeFile(new URL("KINDS.md", import.meta.url), text);
process.stdout.write(text);
