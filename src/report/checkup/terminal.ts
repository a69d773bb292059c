import { count } from "../../util/text.js";
import { verdictOf } from "../exam/digest.js";
import { examSections, madeText } from "../exam/terminal.js";
import { auditSections } from "../terminal.js";
import { joinSections, lastLine, pageOf, type TerminalOptions } from "../terminal-text.js";
import { type Checkup, findingsOf } from "./checkup.js";

/** Audits and exams as lines for a terminal, ending in a newline; see `renderTerminal`. */
export function renderCheckupTerminal(checkup: Checkup, options: TerminalOptions): string {
  const page = pageOf(options);
  const { audit, exam } = checkup;
  const findings = findingsOf(checkup);
  const where = `in ${count(audit.convolutions.length, "convolution")} and ${madeText(exam)}`;
  return joinSections([
    ...auditSections(audit, page),
    ...examSections(exam, page.colors.bold("examined on data"), page),
    lastLine(`${verdictOf({ findings })} ${where}`, findings[0]?.severity, page),
  ]);
}
