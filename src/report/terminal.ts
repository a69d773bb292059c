import picocolors from "picocolors";
import type { AuditRow, Finding, Result, Severity } from "../audits/result.js";
import { count, printable } from "../util/text.js";
import {
  auditsWith,
  type FindingGroup,
  groupFindings,
  layersText,
  notableLayers,
  SEVERITY_SYMBOLS,
  verdict,
} from "./digest.js";
import { displayWidth, shorten, wrap } from "./display-width.js";
import { compact, groupsText, shapeText } from "./format.js";
import { type Colors, layerTable } from "./terminal-table.js";

export interface TerminalOptions {
  /** Whether to colour with ANSI escapes. */
  colors: boolean;
  /** Columns of the terminal; below 40 it is taken as 40. */
  width: number;
  /** Show every convolution, not only those with groups or findings. Defaults to false. */
  verbose?: boolean;
}

const NARROWEST = 40;
const LONGEST_TEXT = 2000;

/** The result as lines for a terminal, ending in a newline. Nothing from the model can reach the terminal as a control code. */
export function renderTerminal(result: Result, options: TerminalOptions): string {
  const page: Page = {
    colors: picocolors.createColors(options.colors),
    width: Math.max(NARROWEST, options.width),
    verbose: options.verbose ?? false,
  };
  const sections = [
    header(result, page),
    ...findings(result, page),
    layers(result, page),
    audits(result, page),
    notes(result, page),
    summary(result, page),
  ];
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

interface Page {
  readonly colors: Colors;
  readonly width: number;
  readonly verbose: boolean;
}

function header(result: Result, page: Page): string[] {
  const { model, scene, target, inputs, preset, tool } = result;
  const label = `${tool.name} ${printable(tool.version, 20)}`;
  const name = shorten(printable(model.name), page.width - displayWidth(label) - 2);
  const facts = [
    model.producer,
    `opset ${model.opset}`,
    count(model.nodes, "node"),
    `${compact(model.params)} params`,
    model.macs === null ? "MACs unknown" : `${compact(model.macs)} MACs`,
  ].filter((fact) => fact !== null);
  const shapes = inputs.map(
    ({ name, shape, source }) => `${name} ${shapeText(shape)} (${INPUT_SOURCES[source]})`,
  );
  const blocks = target.blockSize === null ? "" : `, blocks of ${target.blockSize} channels`;
  return [
    `${page.colors.bold(name)}  ${page.colors.dim(label)}`,
    ...fact("model", facts.join(" · "), page),
    ...fact("scene", `${scene.task}, ${scene.source}: ${scene.reason}`, page),
    ...fact("target", `${target.name}${blocks}`, page),
    ...fact("inputs", shapes.join(", "), page),
    ...fact("preset", preset, page),
    ...(result.shapes.available
      ? []
      : fact("shapes", `none: ${result.shapes.reason ?? "no reason given"}`, page)),
  ];
}

const INPUT_SOURCES = {
  file: "from the file",
  given: "given",
  default: "chosen by default",
} as const;

function findings(result: Result, page: Page): string[][] {
  return groupFindings(result).map((group) => findingGroup(group, page));
}

function findingGroup(group: FindingGroup, page: Page): string[] {
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

function groupHeading({ audit, title, severity, findings }: FindingGroup, page: Page): string[] {
  const { colors, width } = page;
  const paint = painted(severity, colors);
  const levels = new Set(findings.map(({ evidence }) => evidence.level));
  const heading = printable(title);
  const id = printable([audit, ...levels].join(" · "));
  if (displayWidth(heading) + 2 + displayWidth(id) <= width)
    return [`${paint(colors.bold(heading))}  ${colors.dim(id)}`];
  return [...wrap(heading, width).map((line) => paint(colors.bold(line))), ...aside(id, page)];
}

/** On one line if it fits, else the message below the layer it is about. */
function findingLines(finding: Finding, page: Page): string[] {
  const { colors, width } = page;
  const symbol = painted(finding.severity, colors)(SEVERITY_SYMBOLS[finding.severity]);
  const groups = groupsText(finding);
  const name = shorten(printable(finding.node), width - groups.length - 6);
  const head = `  ${symbol} ${colors.bold(name)}  ${groups}`;

  const message = printable(finding.message, LONGEST_TEXT);
  if (displayWidth(`  x ${name}  ${groups}  ${message}`) <= width) return [`${head}  ${message}`];
  return [head, ...paragraph(message, { page, first: "    ", rest: "    " })];
}

function layers(result: Result, page: Page): string[] {
  const all = result.convolutions;
  const rows = page.verbose ? all : notableLayers(result);
  const hidden = all.length - rows.length;
  const lines = aside(layersText(result), page);
  if (rows.length > 0) {
    const table = layerTable(rows, page);
    lines.push(...table.lines);
    if (table.leftOut.length > 0)
      lines.push(...aside(`a wider terminal also shows: ${table.leftOut.join(", ")}`, page));
  }
  if (hidden > 0)
    lines.push(
      ...aside(`not shown: ${count(hidden, "dense layer")} without findings (see --verbose)`, page),
    );
  return lines;
}

function audits(result: Result, page: Page): string[] {
  const ids = (status: AuditRow["status"]) =>
    auditsWith(result, status)
      .map(({ id }) => id)
      .join(", ");
  const reasons = (status: AuditRow["status"]) =>
    auditsWith(result, status).map(({ id, reason }) => (reason === null ? id : `${id}: ${reason}`));
  return [
    ...fact("passed", ids("passed"), page),
    ...reasons("not-applicable").flatMap((line) => fact("n/a", line, page)),
    ...reasons("silent").flatMap((line) => fact("silent", line, page)),
    ...reasons("crashed").flatMap((line) => fact("crashed", line, page)),
  ];
}

function notes(result: Result, page: Page): string[] {
  return result.notes.flatMap((note) => fact("note", note, page));
}

function summary(result: Result, { colors, width }: Page): string[] {
  const worst = groupFindings(result)[0]?.severity;
  const symbol = worst === undefined ? "✔" : SEVERITY_SYMBOLS[worst];
  const paint = worst === undefined ? colors.green : painted(worst, colors);
  const text = `${symbol} ${verdict(result)} in ${count(result.convolutions.length, "convolution")}`;
  return wrap(text, width).map((line) => paint(colors.bold(line)));
}

/** A dim label and its text beside it; nothing for no text. */
function fact(label: string, text: string, page: Page): string[] {
  if (text === "") return [];
  return paragraph(text, {
    page,
    first: page.colors.dim(label.padEnd(9)),
    rest: " ".repeat(9),
  });
}

/** Wrapped text, made printable, with `first` before its first line and `rest` before the others. */
function paragraph(
  text: string,
  { page, first, rest }: { page: Page; first: string; rest: string },
): string[] {
  const lines = wrap(printable(text, LONGEST_TEXT), page.width - rest.length);
  return lines.map((line, i) => (i === 0 ? first : rest) + line);
}

function aside(text: string, { colors, width }: Page): string[] {
  return wrap(text, width).map(colors.dim);
}

function painted(severity: Severity, colors: Colors): (text: string) => string {
  return { error: colors.red, warning: colors.yellow, info: colors.cyan }[severity];
}
