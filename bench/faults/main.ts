/**
 * Plants faults in networks that are well and looks whether the audits find them:
 * `npm run bench:faults -- --sites 3 --seed 1`. Writes RESULTS.md beside this file.
 */

import { writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { audits, type Finding } from "../../src/audits/index.js";
import { faults } from "./kinds/index.js";
import { admitArchitecture, admitOcrModels, architectureNames } from "./patients.js";
import { report } from "./report.js";
import { Controls, drawSites, isLoud, type Trial, tryFault } from "./trial.js";

const { values } = parseArgs({
  options: {
    sites: { type: "string", default: "3" },
    seed: { type: "string", default: "1" },
  },
});
const [sitesEach, seed] = [Number(values.sites), Number(values.seed)];
const unknown = faults.filter(({ audit }) => audits.every(({ id }) => id !== audit));
if (unknown.length > 0) throw new Error(`no audit ${unknown.map(({ audit }) => audit).join(", ")}`);

const patients = [...(await admitOcrModels())];
for (const name of architectureNames) patients.push(await admitArchitecture(name));

const examinations = new Controls();
const controls = new Map<string, readonly Finding[]>();
const noSite = new Map<string, string[]>(faults.map(({ name }) => [name, []]));
const trials: Trial[] = [];
for (const patient of patients) {
  const { recommended } = await examinations.of(patient);
  controls.set(patient.name, recommended.filter(isLoud));
  const before = trials.length;
  for (const fault of faults) {
    const sites = drawSites(patient, fault, sitesEach, seed);
    if (sites.length === 0) noSite.get(fault.name)!.push(patient.name);
    for (const site of sites) trials.push(await tryFault(patient, fault, site, seed, examinations));
  }
  const tried = trials.slice(before);
  const found = tried.filter((trial) => trial.found).length;
  process.stderr.write(`${patient.name}: ${found} of ${tried.length} found\n`);
}

const text = report({
  seed,
  sitesEach,
  patients: patients.map(({ name }) => name),
  faults,
  trials,
  controls,
  noSite,
});
await writeFile(new URL("RESULTS.md", import.meta.url), text);
process.stdout.write(text);
