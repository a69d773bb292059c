import type { ExamReport } from "../../exams/report.js";
import { count, printable } from "../../util/text.js";
import { bySeverity, groupBy, SEVERITIES } from "../digest.js";
import { shapeText } from "../format.js";

/** What every renderer derives from an exams' report before it shows it. */

export type ExamFinding = ExamReport["findings"][number];
export type ExamSections = ExamReport["sections"];
export type Look = NonNullable<ExamSections["look"]>;
export type Ask = NonNullable<ExamSections["ask"]>;

/** The findings of one check. */
export interface CheckGroup {
  readonly id: string;
  /** The check's `failureTitle`. */
  readonly title: string;
  readonly why: string;
  /** The worst among the findings. */
  readonly severity: ExamFinding["severity"];
  /** Worst first, else as the exam gave them. */
  readonly findings: readonly ExamFinding[];
}

/** Findings gathered by check; the check with the worst finding comes first. */
export function groupByCheck({ findings, checks }: ExamReport): CheckGroup[] {
  const rows = new Map(checks.map((check) => [check.id, check]));
  return [...groupBy(findings, ({ check }) => check)]
    .map(([id, own]): CheckGroup => {
      const sorted = own.toSorted(bySeverity);
      const { failureTitle = id, why = "" } = rows.get(id) ?? {};
      return { id, title: failureTitle, why, severity: sorted[0].severity, findings: sorted };
    })
    .sort(bySeverity);
}

/** What has findings: exams, audits, or both. */
interface Found {
  readonly findings: readonly { readonly severity: ExamFinding["severity"] }[];
}

/** `1 warning, 16 infos`. */
export function verdictOf({ findings }: Found): string {
  const parts = SEVERITIES.flatMap((severity) => {
    const n = findings.filter((finding) => finding.severity === severity).length;
    return n > 0 ? [count(n, severity)] : [];
  });
  return parts.length === 0 ? "no findings" : parts.join(", ");
}

/** Whether any exam was made: where none was, that nothing was found says nothing. */
export function wasExamined({ exams }: ExamReport): boolean {
  return exams.some(({ status }) => status === "done");
}

export const NOT_EXAMINED = "nothing examined";

/** As `verdictOf`, of exams that may all have failed. */
export function examVerdict(report: ExamReport): string {
  return wasExamined(report) ? verdictOf(report) : NOT_EXAMINED;
}

/** What the numbers were measured on, in a sentence. */
export function dataText({ data }: ExamReport): string {
  const { source, synthetic, seed, samples, inputs, leftOver } = data;
  const textOf = ({ name, dtype, shape }: (typeof inputs)[number]) =>
    `${printable(name)} ${shapeText(shape)} ${dtype}`;
  const batches = inputs.filter(({ perSample }) => perSample).map(textOf);
  const shared = inputs.filter(({ perSample }) => !perSample).map(textOf);
  const same = shared.length > 0 ? `; for all samples ${shared.join(", ")}` : "";
  const drawn = synthetic ? `, seed ${seed}` : "";
  const left = leftOver > 0 ? `, ${leftOver} left over` : "";
  return `${source}${drawn}: ${count(samples, "sample")}${left}, in batches of ${batches.join(", ")}${same}`;
}

/** Said wherever nobody gave data. */
export const SYNTHETIC_WARNING =
  "No data was given: these numbers are of synthetic noise, not of pictures. What they say of real data is open.";

/** Names of the layers that something was found about. */
export function foundLayers({ findings }: ExamReport): ReadonlySet<string> {
  return new Set(findings.map(({ node }) => node));
}
