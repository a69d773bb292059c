import type { AuditRow, Result } from "../audits/result.js";
import { count, printable } from "../util/text.js";
import { auditsWith, groupFindings, layersText, notableLayers, verdict } from "./digest.js";
import { displayWidth, shorten } from "./display-width.js";
import { compact, shapeText } from "./format.js";
import { findingGroup } from "./terminal-findings.js";
import { layerTable } from "./terminal-table.js";
import {
  aside,
  fact,
  joinSections,
  lastLine,
  type Page,
  pageOf,
  type TerminalOptions,
} from "./terminal-text.js";

/** The result as lines for a terminal, ending in a newline. Nothing from the model can reach the terminal as a control code. */
export function renderTerminal(result: Result, options: TerminalOptions): string {
  const page = pageOf(options);
  return joinSections([...auditSections(result, page), summary(result, page)]);
}

/** All but the last line. */
export function auditSections(result: Result, page: Page): string[][] {
  return [
    header(result, page),
    ...findings(result, page),
    layers(result, page),
    audits(result, page),
    notes(result, page),
  ];
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
  return groupFindings(result).map((group) => findingGroup({ id: group.audit, ...group }, page));
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

function summary(result: Result, page: Page): string[] {
  const text = `${verdict(result)} in ${count(result.convolutions.length, "convolution")}`;
  return lastLine(text, groupFindings(result)[0]?.severity, page);
}
