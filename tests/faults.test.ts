import { expect, it } from "vitest";
import { faults } from "../bench/faults/kinds/index.js";
import { admitArchitecture } from "../bench/faults/patients.js";
import { Controls, drawSites, isLoud, tryFault } from "../bench/faults/trial.js";
import { audits } from "../src/audits/index.js";

/** The benchmark of planted faults, cut down to a classifier, a detector and a segmenter, each narrow. */

const SEED = 1;
const WIDTH = 0.25;
const names = ["shufflenet_v1_g3", "fpn_detector", "unet"] as const;

it.each(names)("%s: every planted fault is found, and nothing else is alarming", async (name) => {
  const patient = await admitArchitecture(name, WIDTH);
  const controls = new Controls();
  const { recommended } = await controls.of(patient);
  expect(recommended.filter(isLoud)).toEqual([]);

  const missed: string[] = [];
  const alarms: string[] = [];
  for (const fault of faults)
    for (const site of drawSites(patient, fault, 1, SEED)) {
      const { found, loud } = await tryFault(patient, fault, site, SEED, controls);
      if (!found) missed.push(`${fault.name} at ${site.at}`);
      for (const { finding, verdict } of loud)
        if (verdict === "other")
          alarms.push(`${fault.name} at ${site.at}: ${finding.audit}, ${finding.message}`);
    }
  expect({ missed, alarms }).toEqual({ missed: [], alarms: [] });
});

it("these three have a place for a fault of every audit", async () => {
  const patients = await Promise.all(names.map((name) => admitArchitecture(name, WIDTH)));
  const covered = faults.filter((fault) => patients.some((one) => fault.sites(one).length > 0));
  expect(new Set(covered.map(({ audit }) => audit))).toEqual(new Set(audits.map(({ id }) => id)));
});
