import type { ExamReport } from "../../exams/report.js";
import { count, printable } from "../../util/text.js";
import { SEVERITY_SYMBOLS } from "../digest.js";
import { displayWidth, shorten, wrap } from "../display-width.js";
import { findingGroup } from "../terminal-findings.js";
import {
  aside,
  fact,
  joinSections,
  type Page,
  pageOf,
  painted,
  paragraph,
  type TerminalOptions,
} from "../terminal-text.js";
import {
  machineText,
  NODE_COLUMNS,
  SWEEP_COLUMNS,
  SWEEP_LEGEND,
  sweptLayers,
  wholeText,
} from "./ask-columns.js";
import type { Column } from "./column.js";
import {
  type Ask,
  dataText,
  foundLayers,
  groupByCheck,
  type Look,
  otherExams,
  SYNTHETIC_WARNING,
  verdictOf,
} from "./digest.js";
import { LOOK_COLUMNS, LOOK_LEGEND, notableLookLayers } from "./look-columns.js";
import { textTable } from "./text-table.js";

/** Rows of a table that are shown without `verbose`. */
const SHOWN = 12;
const NOTES_SHOWN = 6;

/** An exams' report as lines for a terminal, ending in a newline; see `renderTerminal`. */
export function renderExamTerminal(report: ExamReport, options: TerminalOptions): string {
  const page = pageOf(options);
  const { look, ask } = report.sections;
  return joinSections([
    header(report, page),
    ...groupByCheck(report).map((group) => findingGroup(group, page)),
    checks(report, page),
    ...(look ? [lookTable(look, report, page)] : []),
    ...(ask ? askTables(ask, page) : []),
    others(report, page),
    notes(report, page),
    summary(report, page),
  ]);
}

function header(report: ExamReport, page: Page): string[] {
  const { model, data, exams, tool } = report;
  const label = `${tool.name} ${printable(tool.version, 20)}`;
  const name = shorten(printable(model), page.width - displayWidth(label) - 2);
  const made = exams.map(({ id, title, status, reason, elapsedMs }) =>
    status === "done"
      ? `${id}, ${title}: ${(elapsedMs / 1000).toFixed(1)} s`
      : `${id}, ${title}: could not be made: ${reason ?? "no reason given"}`,
  );
  return [
    `${page.colors.bold(name)}  ${page.colors.dim(label)}`,
    ...fact("data", dataText(report), page),
    ...data.skipped.flatMap((one) => fact("skipped", `${one.name}: ${one.reason}`, page)),
    ...made.flatMap((exam) => fact("exam", exam, page)),
    ...(data.synthetic
      ? wrap(SYNTHETIC_WARNING, page.width).map((line) => page.colors.yellow(line))
      : []),
  ];
}

function checks(report: ExamReport, page: Page): string[] {
  const passed = report.checks.filter(({ status }) => status === "passed").map(({ id }) => id);
  return [
    ...fact("passed", passed.join(", "), page),
    ...report.checks
      .filter(({ status }) => status === "not-applicable")
      .flatMap(({ id, reason }) => fact("n/a", `${id}: ${reason ?? "no reason given"}`, page)),
  ];
}

function lookTable(look: Look, report: ExamReport, page: Page): string[] {
  const rows = page.verbose ? look.layers : notableLookLayers(look, foundLayers(report));
  const hidden = look.layers.length - rows.length;
  return [
    page.colors.bold("look: channels beside each other"),
    ...(rows.length > 0
      ? [...textTable(LOOK_COLUMNS, rows, page), ...aside(LOOK_LEGEND, page)]
      : []),
    ...(hidden > 0
      ? aside(
          `not shown: ${count(hidden, "layer")} without findings and of one channel or one group (see --verbose)`,
          page,
        )
      : []),
  ];
}

function askTables(ask: Ask, page: Page): string[][] {
  const { profile, sweep } = ask;
  const title = page.colors.bold("ask: where the time goes");
  const machine = [title, ...fact("machine", machineText(ask), page)];
  const swept = sweptLayers(ask);
  return [
    profile
      ? [
          ...machine,
          ...wholeText(profile).flatMap((line, i) => fact(i === 0 ? "whole" : "", line, page)),
          ...longTable(NODE_COLUMNS, profile.nodes, page),
        ]
      : machine,
    swept.length === 0
      ? []
      : [
          page.colors.bold("ask: other group counts"),
          ...longTable(SWEEP_COLUMNS, swept, page),
          ...aside(SWEEP_LEGEND, page),
          ...aside(
            `${count(sweep.layers.length, "layer")} in ${count(sweep.configurations.length, "configuration")} timed in ${(sweep.elapsedMs / 1000).toFixed(0)} s`,
            page,
          ),
        ],
  ];
}

/** The first rows; how many more there are. */
function longTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  page: Page,
): string[] {
  const shown = page.verbose ? rows : rows.slice(0, SHOWN);
  const more = rows.length - shown.length;
  return [
    ...textTable(columns, shown, page),
    ...(more > 0 ? aside(`not shown: ${more} shorter (see --verbose)`, page) : []),
  ];
}

function others(report: ExamReport, page: Page): string[] {
  return otherExams(report).flatMap(({ id, title }) =>
    fact(id, `${title}: its numbers layer by layer are in the JSON`, page),
  );
}

function notes(report: ExamReport, page: Page): string[] {
  const shown = page.verbose ? report.notes : report.notes.slice(0, NOTES_SHOWN);
  const more = report.notes.length - shown.length;
  return [
    ...shown.flatMap((note) => fact("note", note, page)),
    ...(more > 0 ? aside(`not shown: ${count(more, "note")} (see --verbose)`, page) : []),
  ];
}

function summary(report: ExamReport, page: Page): string[] {
  const worst = groupByCheck(report)[0]?.severity;
  const symbol = worst === undefined ? "✔" : SEVERITY_SYMBOLS[worst];
  const paint = worst === undefined ? page.colors.green : painted(worst, page.colors);
  const made = report.exams.filter(({ status }) => status === "done").length;
  const text = `${symbol} ${verdictOf(report)} by ${count(made, "exam")} on ${report.data.source}`;
  return paragraph(text, { page, first: "", rest: "" }).map((line) =>
    paint(page.colors.bold(line)),
  );
}
