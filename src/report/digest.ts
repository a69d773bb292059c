import type { AuditRow, ConvolutionRow, Finding, Result, Severity } from "../audits/result.js";
import { sum } from "../util/math.js";
import { count } from "../util/text.js";

/** What every renderer derives from a result before it shows it. */

export type Kind = ConvolutionRow["kind"];

/** Worst first. */
export const SEVERITIES = ["error", "warning", "info"] as const satisfies readonly Severity[];
export const KINDS = ["dense", "grouped", "depthwise"] as const satisfies readonly Kind[];

export const SEVERITY_SYMBOLS: Readonly<Record<Severity, string>> = {
  error: "✖",
  warning: "▲",
  info: "•",
};

/** The findings of one audit. */
export interface FindingGroup {
  readonly audit: string;
  /** The audit's `failureTitle`. */
  readonly title: string;
  /** The worst among the findings. */
  readonly severity: Severity;
  /** Worst first, then as the layers follow each other in the network. */
  readonly findings: readonly Finding[];
}

/** Findings worst first, then by audit, then from input to output. */
export function sortedFindings(result: Result): Finding[] {
  return groupFindings(result)
    .flatMap(({ findings }) => findings)
    .sort(bySeverity);
}

/** Findings gathered by audit; the audit with the worst finding comes first. */
export function groupFindings({ findings, audits, convolutions }: Result): FindingGroup[] {
  const place = new Map(convolutions.map(({ name }, i) => [name, i]));
  const placeOf = ({ node }: Finding) => place.get(node) ?? convolutions.length;
  const titles = new Map(audits.map(({ id, failureTitle }) => [id, failureTitle]));

  return [...groupBy(findings, ({ audit }) => audit)]
    .map(([audit, own]) => {
      const sorted = own.toSorted((a, b) => bySeverity(a, b) || placeOf(a) - placeOf(b));
      const { severity } = sorted[0];
      return { audit, title: titles.get(audit) ?? audit, severity, findings: sorted };
    })
    .sort(bySeverity);
}

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

export function bySeverity(a: { severity: Severity }, b: { severity: Severity }): number {
  return SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity);
}

/** Findings by the layer they are about, worst first. */
export function findingsByLayer(result: Result): Map<string, Finding[]> {
  return groupBy(sortedFindings(result), ({ node }) => node);
}

export interface KindTotal {
  readonly layers: number;
  readonly params: number;
  /** Null when no layer of the model has multiply-accumulates. */
  readonly macs: number | null;
}

/** Layers, parameters and multiply-accumulates of each kind of convolution. */
export function totalsByKind({ convolutions }: Result): Record<Kind, KindTotal> {
  const known = convolutions.some(({ macs }) => macs !== null);
  const total = (kind: Kind): KindTotal => {
    const own = convolutions.filter((row) => row.kind === kind);
    return {
      layers: own.length,
      params: sum(own.map(({ params }) => params)),
      macs: known ? sum(own.map(({ macs }) => macs ?? 0)) : null,
    };
  };
  return { dense: total("dense"), grouped: total("grouped"), depthwise: total("depthwise") };
}

/** The layers a short table shows: those with groups, and those something was found about. */
export function notableLayers(result: Result): ConvolutionRow[] {
  const found = new Set(result.findings.map(({ node }) => node));
  return result.convolutions.filter(({ kind, name }) => kind !== "dense" || found.has(name));
}

export function auditsWith(result: Result, status: AuditRow["status"]): AuditRow[] {
  return result.audits.filter((audit) => audit.status === status);
}

/** What an audit says of the model; a question where it gave no answer. */
export function auditClaim({ status, title, failureTitle }: AuditRow): string {
  if (status === "failed") return failureTitle;
  return status === "passed" ? title : `${title}?`;
}

/** `3 errors, 5 warnings, 1 info`; kinds of which there are none are left out. */
export function verdict({ summary: { errors, warnings, infos } }: Result): string {
  const parts = [
    errors > 0 && count(errors, "error"),
    warnings > 0 && count(warnings, "warning"),
    infos > 0 && count(infos, "info"),
  ].filter((part) => part !== false);
  return parts.length === 0 ? "no findings" : parts.join(", ");
}

/** `25 convolutions (13 dense, 9 grouped, 3 depthwise)`. */
export function layersText(result: Result): string {
  const totals = totalsByKind(result);
  const kinds = KINDS.filter((kind) => totals[kind].layers > 0).map(
    (kind) => `${totals[kind].layers} ${kind}`,
  );
  const all = count(result.convolutions.length, "convolution");
  return kinds.length === 0 ? all : `${all} (${kinds.join(", ")})`;
}
