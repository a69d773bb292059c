import type { ExamReport } from "../../exams/report.js";
import { count } from "../../util/text.js";
import { SEVERITY_SYMBOLS } from "../digest.js";
import { channelsPerGroupText } from "../format.js";
import { markdownCode, markdownText } from "../markdown-escape.js";
import { details, table } from "../markdown-parts.js";
import { machineText, NODE_COLUMNS, sweepColumns, sweptLayers, wholeText } from "./ask-columns.js";
import { type Column, legendOf } from "./column.js";
import {
  type Ask,
  type CheckGroup,
  dataText,
  examVerdict,
  foundLayers,
  groupByCheck,
  type Look,
  SYNTHETIC_WARNING,
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

/** Trials that are shown without `verbose`. */
const TRIALS_SHOWN = 40;
/** Nodes of the profile that are shown without `verbose`. */
const SHOWN = 20;

export interface ExamMarkdownOptions {
  /** Every layer and node. Defaults to false. */
  readonly verbose?: boolean;
}

/** An exams' report as GitHub-flavoured Markdown. */
export function renderExamMarkdown(
  report: ExamReport,
  { verbose = false }: ExamMarkdownOptions = {},
): string {
  const { look, listen, ask, pulse } = report.sections;
  const sections = [
    ...heading(report),
    findingsTable(groupByCheck(report)),
    checksTable(report),
    look ? lookTable(look, report, verbose) : "",
    listen ? listenTable(listen, report, verbose) : "",
    ...(ask ? askTables(ask, verbose) : []),
    pulse ? pulseTable(pulse, verbose) : "",
    ...report.notes.map((note) => `> ${markdownText(note)}`),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function heading(report: ExamReport): string[] {
  const { model, data, exams } = report;
  const facts = [
    `data: ${markdownText(dataText(report))}`,
    ...data.skipped.map(
      ({ name, reason }) => `skipped ${markdownCode(name)}: ${markdownText(reason)}`,
    ),
    ...exams.map(({ id, title, status, reason, elapsedMs }) =>
      status === "done"
        ? `${markdownCode(id)}, ${markdownText(title)}: ${(elapsedMs / 1000).toFixed(1)} s`
        : `${markdownCode(id)}, ${markdownText(title)}, could not be made: ${markdownText(reason ?? "no reason given")}`,
    ),
  ];
  return [
    `### groupconv exam: ${markdownCode(model)}`,
    `**${examVerdict(report)}**`,
    data.synthetic ? `> **${SYNTHETIC_WARNING}**` : "",
    facts.map((fact) => `- ${fact}`).join("\n"),
  ];
}

function findingsTable(groups: readonly CheckGroup[]): string {
  const rows = groups.flatMap(({ findings }) =>
    findings.map((finding) => [
      `${SEVERITY_SYMBOLS[finding.severity]} ${finding.severity}`,
      markdownCode(finding.node),
      `${finding.groups} × ${markdownText(channelsPerGroupText(finding.channelsPerGroup))}`,
      `${markdownText(finding.message)}<br>→ ${markdownText(finding.advice)}`,
      markdownCode(finding.check),
    ]),
  );
  if (rows.length === 0) return "";
  return table(["", "layer", "groups × channels", "finding", "check"], rows);
}

function checksTable({ checks }: ExamReport): string {
  if (checks.length === 0) return "";
  const rows = checks.map(({ id, status, title, failureTitle, reason, findings }) => [
    STATUS_TEXTS[status],
    markdownCode(id),
    markdownText(status === "failed" ? failureTitle : title),
    findings > 0 ? count(findings, "finding") : markdownText(reason ?? ""),
  ]);
  return details(count(checks.length, "check"), table(["status", "check", "", ""], rows));
}

const STATUS_TEXTS = {
  failed: "✖ failed",
  passed: "✔ passed",
  "not-applicable": "does not apply",
} as const;

function lookTable(look: Look, report: ExamReport, verbose: boolean): string {
  const rows = verbose ? look.layers : notableLookLayers(look, foundLayers(report));
  if (rows.length === 0) return "";
  const title = `Look: ${rows.length} of ${count(look.layers.length, "layer")}`;
  return details(title, columnTable(LOOK_COLUMNS, rows));
}

function listenTable(listen: Listen, report: ExamReport, verbose: boolean): string {
  const rows = verbose ? listen.layers : notableListenLayers(listen, foundLayers(report));
  if (rows.length === 0) return "";
  const title = `Listen: ${rows.length} of ${count(listen.layers.length, "layer")}`;
  const target = `- target: ${markdownText(targetText(listen))}\n- spread: ${markdownText(listenSpreadText(listen))}`;
  return details(title, `${target}\n\n${columnTable(LISTEN_COLUMNS, rows)}`);
}

function pulseTable(pulse: Pulse, verbose: boolean): string {
  const rows = trialRows(pulse);
  if (rows.length === 0) return "";
  const shown = verbose ? rows : rows.slice(0, TRIALS_SHOWN);
  const title = `Pulse: ${shown.length} of ${count(rows.length, "trial")}, the largest change first`;
  return details(
    title,
    `- of: ${markdownText(pulseSpreadText(pulse))}\n\n${columnTable(PULSE_COLUMNS, shown)}`,
  );
}

function askTables(ask: Ask, verbose: boolean): string[] {
  const swept = sweptLayers(ask);
  const parts: string[] = [];
  if (ask.profile) {
    const { nodes } = ask.profile;
    const facts = [machineText(ask), ...wholeText(ask.profile)].map((line) => markdownText(line));
    const shown = columnTable(NODE_COLUMNS, verbose ? nodes : nodes.slice(0, SHOWN));
    parts.push(
      details("Ask: where the time goes", `${facts.map((f) => `- ${f}`).join("\n")}\n\n${shown}`),
    );
  }
  if (swept.length > 0)
    parts.push(
      details(
        "Ask: other group counts",
        [
          ...(ask.profile ? [] : [`- ${markdownText(machineText(ask))}`]),
          columnTable(sweepColumns(swept), swept),
        ].join("\n\n"),
      ),
    );
  return parts;
}

/** A table, and its legend below. */
function columnTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): string {
  const lines = table(
    columns.map(({ title }) => markdownText(title)),
    rows.map((row) =>
      columns.map(({ text, isName }) =>
        isName ? markdownCode(text(row)) : markdownText(text(row)),
      ),
    ),
    columns.map(({ align }) => align),
  );
  return `${lines}\n\n${markdownText(legendOf(columns))}`;
}
