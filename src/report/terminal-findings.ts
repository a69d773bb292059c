import type { Finding } from "../audits/result.js";
import { printable } from "../util/text.js";
import { SEVERITY_SYMBOLS } from "./digest.js";
import { displayWidth, shorten, wrap } from "./display-width.js";
import { groupsText } from "./format.js";
import { aside, LONGEST_TEXT, type Page, painted, paragraph } from "./terminal-text.js";

/** What is shown of a finding: of an audit's and of an exam's alike. */
type ShownFinding = Pick<
  Finding,
  "severity" | "node" | "message" | "advice" | "groups" | "channelsPerGroup" | "evidence"
>;

interface ShownGroup {
  /** Id of what found them. */
  readonly id: string;
  readonly title: string;
  readonly severity: Finding["severity"];
  readonly findings: readonly ShownFinding[];
}

export function findingGroup(group: ShownGroup, page: Page): string[] {
  const { findings } = group;
  const lines = groupHeading(group, page);
  for (const [i, finding] of findings.entries()) {
    lines.push(...findingLines(finding, page));
    // Findings of one audit often share their advice: say it once, after the last of them.
    if (findings[i + 1]?.advice === finding.advice) continue;
    lines.push(...paragraph(`→ ${finding.advice}`, { page, first: "    ", rest: "      " }));
  }
  return lines;
}

function groupHeading({ id, title, severity, findings }: ShownGroup, page: Page): string[] {
  const { colors, width } = page;
  const paint = painted(severity, colors);
  const levels = new Set(findings.map(({ evidence }) => evidence.level));
  const heading = printable(title);
  const label = printable([id, ...levels].join(" · "));
  if (displayWidth(heading) + 2 + displayWidth(label) <= width)
    return [`${paint(colors.bold(heading))}  ${colors.dim(label)}`];
  return [...wrap(heading, width).map((line) => paint(colors.bold(line))), ...aside(label, page)];
}

/** On one line if it fits, else the message below the layer it is about. */
function findingLines(finding: ShownFinding, page: Page): string[] {
  const { colors, width } = page;
  const symbol = painted(finding.severity, colors)(SEVERITY_SYMBOLS[finding.severity]);
  const groups = groupsText(finding);
  const name = shorten(printable(finding.node), width - groups.length - 6);
  const head = `  ${symbol} ${colors.bold(name)}  ${groups}`;

  const message = printable(finding.message, LONGEST_TEXT);
  if (displayWidth(`  x ${name}  ${groups}  ${message}`) <= width) return [`${head}  ${message}`];
  return [head, ...paragraph(message, { page, first: "    ", rest: "    " })];
}
