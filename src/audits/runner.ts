import type { Convolution, Survey } from "../analysis/index.js";
import { fillHoles } from "../util/template.js";
import { printable } from "../util/text.js";
import type { AnyAudit, AnyDraft } from "./audit.js";
import { type Preset, severityUnder } from "./presets.js";
import type { AuditRow, Finding, Severity } from "./result.js";

/** What one audit found, and how its run went. */
export interface AuditOutcome {
  readonly row: AuditRow;
  readonly findings: readonly Finding[];
}

/** Severities set by the caller, by audit id; `off` silences an audit. */
export type SeverityOverrides = Readonly<Partial<Record<string, Severity | "off">>>;

/**
 * Runs one audit. Whatever goes wrong inside it stays in its own row: a fact that cannot be had makes it
 * not applicable, a fault of ours makes it crashed.
 */
export async function runAudit(
  audit: AnyAudit,
  survey: Survey,
  preset: Preset,
  overrides: SeverityOverrides = {},
): Promise<AuditOutcome> {
  const row = (status: AuditRow["status"], reason: string | null, findings = 0): AuditRow => ({
    id: audit.id,
    title: audit.title,
    failureTitle: audit.failureTitle,
    why: audit.why,
    status,
    reason,
    seedRows: audit.seedRows,
    findings,
  });
  try {
    const facts: Record<string, unknown> = {};
    for (const name of audit.needs) {
      const fact = await survey.fact(name);
      if ("unavailable" in fact)
        return { row: row("not-applicable", fact.unavailable), findings: [] };
      facts[name] = fact.value;
    }
    const reason = audit.notApplicable?.(facts as never) ?? null;
    if (reason !== null) return { row: row("not-applicable", reason), findings: [] };

    const drafts = [...audit.check(facts as never)];
    const findings: Finding[] = [];
    for (const draft of drafts) {
      const message = audit.messages[draft.message];
      const severity = overrides[audit.id] ?? severityUnder(preset, message);
      if (severity !== "off") findings.push(finding(audit, draft, severity));
    }
    const silent = drafts.length > 0 && findings.length === 0;
    const status = findings.length > 0 ? "failed" : silent ? "silent" : "passed";
    return { row: row(status, silent ? SILENT : null, findings.length), findings };
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    return { row: row("crashed", printable(what)), findings: [] };
  }
}

const SILENT = "the evidence for what it found is disputed; the preset golden-rules shows it";

function finding(audit: AnyAudit, draft: AnyDraft, severity: Severity): Finding {
  const message = audit.messages[draft.message];
  const { convolution } = draft;
  return {
    audit: audit.id,
    severity,
    node: convolution.name,
    related: draft.related ?? [],
    messageId: draft.message,
    message: fillHoles(message.text, draft.data),
    advice: fillHoles(message.advice, draft.data),
    data: draft.data,
    groups: convolution.groups,
    channelsPerGroup: convolution.channelsPerGroup,
    suggestedGroups: draft.suggestedGroups ?? null,
    evidence: message.evidence,
    seedRows: audit.seedRows,
  };
}

/** Worst first, then in the order of the network. */
export function sortFindings(
  findings: readonly Finding[],
  convolutions: readonly Convolution[],
): Finding[] {
  const rank: Record<Severity, number> = { error: 0, warning: 1, info: 2 };
  const place = new Map(convolutions.map((convolution, index) => [convolution.name, index]));
  return [...findings].sort(
    (a, b) =>
      rank[a.severity] - rank[b.severity] ||
      (place.get(a.node) ?? 0) - (place.get(b.node) ?? 0) ||
      a.audit.localeCompare(b.audit),
  );
}
