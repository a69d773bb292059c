import { expect, it } from "vitest";
import { runCheck } from "../../check.js";
import { normalisedGradients } from "../normalised.js";
import type { GroupGradients, ListenLayer, ListenSection } from "../section.js";
import { starvedGroups } from "./starved-groups.js";

/** The same in each of three batches. */
const ONE = { median: 1, low: 1, high: 1, samples: 3 };
const SIZE = { meanAbs: 1, rms: 1, meanAbsSpread: ONE, rmsSpread: ONE };

/** A layer whose groups all have 1, but for what is said. */
function layer(given: Partial<GroupGradients>, more: Partial<ListenLayer> = {}): ListenLayer {
  const { groups = 4 } = more;
  const ones = Array<number>(groups).fill(1);
  const weightRms = given.weightRms ?? ones;
  const total = weightRms.reduce((a, b) => a + b);
  const { outputRms = ones, readRms = ones, writtenRms = ones } = given;
  const sizes = { weight: weightRms, output: outputRms, read: readRms, written: writtenRms };
  const normalised = normalisedGradients(sizes);
  return {
    name: "conv",
    op: "Conv",
    outChannels: 4 * groups,
    groups,
    channelsPerGroup: 4,
    output: SIZE,
    weight: SIZE,
    perGroup: {
      outputMeanAbs: ones,
      sdOutputMeanAbs: null,
      outputRms,
      sdOutputRms: null,
      weightMeanAbs: ones,
      sdWeightMeanAbs: null,
      weightRms,
      sdWeightRms: null,
      outputShare: null,
      weightShare: weightRms.map((value) => value / total),
      outputShareLeast: null,
      outputShareMost: null,
      weightShareLeast: null,
      weightShareMost: null,
      readRms,
      sdReadRms: null,
      writtenRms,
      sdWrittenRms: null,
      normalised,
      normalisedLeast: normalised,
      normalisedMost: normalised,
      ...given,
    },
    deadGroups: [],
    dense: null,
    elasticity: 1,
    elasticitySpread: ONE,
    next: [],
    ratioToNext: null,
    ratioToNextSpread: null,
    ...more,
  };
}

const check = (...layers: ListenLayer[]) =>
  runCheck("listen", starvedGroups, {
    layers,
    samples: 12,
  } as Partial<ListenSection> as ListenSection);

it("finds a group whose weights and outputs both get next to nothing", () => {
  const low = { weightRms: [1, 1, 0.03, 1], outputRms: [1, 1, 0.05, 1] };
  const range = {
    weightShareLeast: [0.3, 0.3, 0.005, 0.3],
    weightShareMost: [0.4, 0.4, 0.02, 0.4],
    normalisedLeast: [1, 1, 0.012, 1],
    normalisedMost: [1, 1, 0.0834, 1],
  };
  const { findings } = check(layer({ ...low, ...range }));
  // Share 0.03 / 3.03 of an equal 1 / 4: 0.0396. Median group 1: 0.03 and 0.05.
  expect(findings.map(({ message }) => message)).toEqual([
    "1 of 4 groups (2) get at most 0.04 of an equal share of the gradient (0.02 to 0.08 in each of 3 batches), and over 12 samples at most 0.05 of the median group's (0.012 to 0.083 in each of 3 batches) once the size of what they read and write is taken out",
  ]);
  const weight = { ...SIZE, rmsSpread: { ...ONE, samples: 1 } };
  const [once] = check(layer({ ...low, ...range }, { weight })).findings;
  expect(once.message).toContain("at most 0.04 of an equal share of the gradient (1 batch), and");
  expect(findings[0]).toMatchObject({ messageId: "starved", evidence: { level: "heuristic" } });
});

it("is silent where what the group reads, or the scale of what it writes, explains it", () => {
  const weightRms = [1, 1, 0.03, 1];
  const outputRms = [1, 1, 0.05, 1];
  expect(check(layer({ weightRms, outputRms, readRms: [1, 1, 0.03, 1] })).findings).toEqual([]);
  expect(check(layer({ weightRms, outputRms, writtenRms: [1, 1, 20, 1] })).findings).toEqual([]);
  expect(check(layer({ weightRms, outputRms, readRms: [1, 1, 0, 1] })).findings).toEqual([]);
});

it("is silent over a tenth", () => {
  const most = { weightRms: [1, 1, 0.12, 1], outputRms: [1, 1, 0.01, 1] };
  expect(check(layer(most)).row.status).toBe("passed");
});

it("names groups that no gradient reaches, at most eight of them", () => {
  const dead = [0, 1, 2, 3, 4, 5, 6, 7, 9];
  const { findings } = check(layer({}, { groups: 16, deadGroups: dead }));
  expect(
    findings.map(({ messageId, message, severity }) => [messageId, message, severity]),
  ).toEqual([
    [
      "dead",
      "no gradient reaches 9 of 16 groups over 12 samples: 0, 1, 2, 3, 4, 5, 6, 7, ...",
      "warning",
    ],
  ]);
});

it("has nothing to say of dense and depthwise layers", () => {
  const starved = { weightRms: [1, 0, 0, 0], outputRms: [1, 0, 0, 0] };
  expect(check(layer(starved, { channelsPerGroup: 1, deadGroups: [1, 2, 3] })).row).toMatchObject({
    status: "not-applicable",
  });
});
