/**
 * What the numbers of the exam `ask` are good for: `npm run bench:ask -- --budget 60`. Writes RESULTS.md
 * beside this file.
 */

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { type Survey, survey } from "../../../src/analysis/index.js";
import { profile, sweepGroups } from "../../../src/exams/ask/ask.node.js";
import type { Clock, ProfileSection } from "../../../src/exams/index.js";
import { describeLoad } from "../../support/machine.js";
import { subjects } from "./networks.js";
import { checkPathGrid } from "./path-grid.js";
import { compareSweeps } from "./repeat.js";
import { type Measured, report } from "./report.js";

const LAYERS_OF_EACH_KIND = 2;

const { values } = parseArgs({
  options: {
    budget: { type: "string", default: "60" },
    threads: { type: "string", default: "1" },
    clock: { type: "string", default: "processor" },
    only: { type: "string" },
  },
});
const [budgetSeconds, threads] = [Number(values.budget), Number(values.threads)];
const clock = values.clock as Clock;
const chosen = subjects.filter(({ name }) => !values.only || name.startsWith(values.only));

const paths = await checkPathGrid();
const measured: Measured[] = [];
for (const { name, inputShapes, load } of chosen) {
  process.stderr.write(`${name}\n`);
  const model = await load();
  const options = { inputShapes, threads };
  const profiled = await profile(model, options);
  const before = describeLoad();
  const layers = longestLayers(profiled, await survey(model, { inputShapes }));
  const sweep = () =>
    sweepGroups(model, { ...options, clock, layers, budgetMs: 1000 * budgetSeconds, cache: false });
  const sweeps = [await sweep(), await sweep()] as const;
  measured.push({
    name,
    load: before,
    profile: profiled,
    sweeps,
    repeats: compareSweeps(...sweeps),
  });
}
const text = report(paths, measured, { threads, budgetSeconds, clock });
if (!values.only) await writeFile(new URL("RESULTS.md", import.meta.url), text);
process.stdout.write(text);

/** Of those with groups and of those without, by the profile. */
function longestLayers({ nodes }: ProfileSection, { convolutions }: Survey): string[] {
  const groups = new Map(convolutions.map((layer) => [layer.name, layer.groups]));
  const layers = nodes.flatMap(({ layer }) => layer ?? []);
  const isGrouped = (layer: string) => groups.get(layer)! > 1;
  return [
    ...layers.filter(isGrouped).slice(0, LAYERS_OF_EACH_KIND),
    ...layers.filter((layer) => !isGrouped(layer)).slice(0, LAYERS_OF_EACH_KIND),
  ];
}

const differing = paths.reduce((total, { differs }) => total + differs, 0);
if (differing > 0) throw new Error(`${differing} shapes run on another path than predicted`);
