import type { ExamReport } from "../../exams/report.js";
import { count, printable } from "../../util/text.js";
import { displayWidth, shorten, wrap } from "../display-width.js";
import { findingGroup } from "../terminal-findings.js";
import {
  aside,
  fact,
  joinSections,
  lastLine,
  type Page,
  pageOf,
  type TerminalOptions,
} from "../terminal-text.js";
import {
  machineText,
  NODE_COLUMNS,
  sweepColumns,
  sweptLayers,
  sweptText,
  wholeText,
} from "./ask-columns.js";
import type { Column } from "./column.js";
import {
  type Ask,
  dataText,
  foundLayers,
  groupByCheck,
  type Look,
  NOT_EXAMINED,
  SYNTHETIC_WARNING,
  verdictOf,
  wasExamined,
} from "./digest.js";
import {
  LISTEN_COLUMNS,
  type Listen,
  listenSpreadText,
  notableListenLayers,
  targetText,
} from "./listen-columns.js";
import { LOOK_COLUMNS, notableLookLayers } from "./look-columns.js";
import { PULSE_COLUMNS, type Pulse, pulseSpreadText, trialRows } from "./pulse-columns.js";
import { textTable } from "./text-table.js";

/** Rows of a table that are shown without `verbose`. */
const SHOWN = 12;
const NOTES_SHOWN = 6;

/** An exams' report as lines for a terminal, ending in a newline; see `renderTerminal`. */
export function renderExamTerminal(report: ExamReport, options: TerminalOptions): string {
  const page = pageOf(options);
  return joinSections([...examSections(report, title(report, page), page), summary(report, page)]);
}

/** All but the last line, under a line of its own. */
export function examSections(report: ExamReport, first: string, page: Page): string[][] {
  const { look, listen, ask, pulse } = report.sections;
  return [
    [first, ...facts(report, page)],
    ...groupByCheck(report).map((group) => findingGroup(group, page)),
    checks(report, page),
    ...(look ? [lookTable(look, report, page)] : []),
    ...(listen ? [listenTable(listen, report, page)] : []),
    ...(ask ? askTables(ask, page) : []),
    ...(pulse ? [pulseTable(pulse, page)] : []),
    notes(report, page),
  ];
}

function title({ model, tool }: ExamReport, page: Page): string {
  const label = `${tool.name} ${printable(tool.version, 20)}`;
  const name = shorten(printable(model), page.width - displayWidth(label) - 2);
  return `${page.colors.bold(name)}  ${page.colors.dim(label)}`;
}

function facts(report: ExamReport, page: Page): string[] {
  const { data, exams } = report;
  const made = exams.map(({ id, title, status, reason, elapsedMs }) =>
    status === "done"
      ? `${id}, ${title}: ${(elapsedMs / 1000).toFixed(1)} s`
      : `${id}, ${title}: could not be made: ${reason ?? "no reason given"}`,
  );
  return [
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
    ...(rows.length > 0 ? textTable(LOOK_COLUMNS, rows, page) : []),
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
          ...longTable(sweepColumns(swept), swept, page),
          ...aside(`timed: ${sweptText(sweep)}`, page),
        ],
  ];
}

function listenTable(listen: Listen, report: ExamReport, page: Page): string[] {
  const rows = page.verbose ? listen.layers : notableListenLayers(listen, foundLayers(report));
  const hidden = listen.layers.length - rows.length;
  return [
    page.colors.bold("listen: the gradient at every layer"),
    ...fact("target", targetText(listen), page),
    ...fact("spread", listenSpreadText(listen), page),
    ...(rows.length > 0 ? textTable(LISTEN_COLUMNS, rows, page) : []),
    ...(hidden > 0
      ? aside(
          `not shown: ${count(hidden, "layer")} without findings and of one channel or one group (see --verbose)`,
          page,
        )
      : []),
  ];
}

function pulseTable(pulse: Pulse, page: Page): string[] {
  const rows = trialRows(pulse);
  const shown = page.verbose ? rows : rows.slice(0, SHOWN);
  const more = rows.length - shown.length;
  return [
    page.colors.bold("pulse: one layer's groups changed, the largest change first"),
    ...fact("of", pulseSpreadText(pulse), page),
    ...(rows.length > 0 ? textTable(PULSE_COLUMNS, shown, page) : []),
    ...(more > 0
      ? aside(`not shown: ${count(more, "trial")} that changed less (see --verbose)`, page)
      : []),
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

function notes(report: ExamReport, page: Page): string[] {
  const shown = page.verbose ? report.notes : report.notes.slice(0, NOTES_SHOWN);
  const more = report.notes.length - shown.length;
  return [
    ...shown.flatMap((note) => fact("note", note, page)),
    ...(more > 0 ? aside(`not shown: ${count(more, "note")} (see --verbose)`, page) : []),
  ];
}

function summary(report: ExamReport, page: Page): string[] {
  if (!wasExamined(report)) return lastLine(NOT_EXAMINED, "error", page);
  return lastLine(
    `${verdictOf(report)} ${madeText(report)}`,
    groupByCheck(report)[0]?.severity,
    page,
  );
}

/** `by 2 exams on 12 pictures in photos`. */
export function madeText({ exams, data }: ExamReport): string {
  const made = exams.filter(({ status }) => status === "done").length;
  return `by ${count(made, "exam")} on ${data.source}`;
}
