import type { Finding } from "../../audits/result.js";
import type { ExamReport } from "../../exams/report.js";
import { type SarifOptions, type SarifRule, sarifSource, writeSarif } from "../sarif.js";
import type { Checkup } from "./checkup.js";

/**
 * Audits and exams as one SARIF log. An exam's check is the rule `exam/check`, such as `ask/off-fast-path`,
 * as an audit may have the check's name.
 */
export function renderCheckupSarif({ audit, exam }: Checkup, options: SarifOptions = {}): string {
  const source = sarifSource(audit, options);
  const { data, exams, notes } = exam;
  return writeSarif(
    {
      ...source,
      rules: [...source.rules, ...rulesOf(exam)],
      findings: [...source.findings, ...findingsOf(exam)],
      failures: [
        ...source.failures,
        ...exams
          .filter(({ status }) => status === "failed")
          .map(({ id, reason }) => ({
            text: `The exam ${id} could not be made: ${reason ?? "no reason given"}`,
          })),
      ],
      properties: { ...source.properties, data, exams, examNotes: notes },
    },
    options,
  );
}

function rulesOf({ checks }: ExamReport): SarifRule[] {
  return checks.map((check) => ({
    ...check,
    id: `${check.exam}/${check.id}`,
    page: `docs/exams/${check.id}.md`,
  }));
}

function findingsOf({ findings }: ExamReport): Finding[] {
  return findings.map(({ exam, check, ...finding }) => ({
    ...finding,
    audit: `${exam}/${check}`,
    related: [],
  }));
}
