import type { ExamReport } from "../../../exams/report.js";
import { count, printable } from "../../../util/text.js";
import { SEVERITIES } from "../../digest.js";
import { htmlDocument } from "../../html/document.js";
import { type Html, type HtmlValue, html } from "../../html/escape.js";
import { nameOf, severityBadge } from "../../html/parts.js";
import {
  fastestText,
  machineText,
  NODE_COLUMNS,
  sweepColumns,
  sweptLayers,
  sweptText,
  wholeText,
} from "../ask-columns.js";
import { type Column, legendOf } from "../column.js";
import {
  type Ask,
  dataText,
  foundLayers,
  type Look,
  NOT_EXAMINED,
  SYNTHETIC_WARNING,
  wasExamined,
} from "../digest.js";
import {
  LISTEN_COLUMNS,
  type Listen,
  listenSpreadText,
  notableListenLayers,
  targetText,
} from "../listen-columns.js";
import { LOOK_COLUMNS, notableLookLayers } from "../look-columns.js";
import { PULSE_COLUMNS, type Pulse, pulseSpreadText, trialRows } from "../pulse-columns.js";
import { rooflineChart, sweepChart } from "./ask-charts.js";
import { findingsSection } from "./findings.js";
import { groupBars, hasBars } from "./group-bars.js";
import { heatMap } from "./heat-map.js";
import { sensitivityMatrices } from "./sensitivity.js";
import { examStyles } from "./style.js";

/** Charts of a kind that are shown at most; each is some kilobytes. */
const MAPS = 24;
const SWEEPS = 24;
const NODES = 20;

/** An exams' report as one HTML file without scripts; see `htmlDocument`. */
export function renderExamHtml(report: ExamReport): string {
  return htmlDocument({
    title: `${report.model} examined · groupconv`,
    styles: [examStyles],
    body: html`${heading(report)}
<main>
${examBody(report)}
</main>
${footer(report)}`,
  });
}

/** What the page has between its head and its foot. */
export function examBody(report: ExamReport): Html {
  const { look, listen, ask, pulse } = report.sections;
  return html`${findingsSection(report)}
${look && lookSection(look, report)}
${listen && listenSection(listen, report)}
${ask && askSection(ask)}
${pulse && pulseSection(pulse)}
${checksSection(report)}`;
}

function heading(report: ExamReport): Html {
  const { model, findings, tool } = report;
  const badges = SEVERITIES.flatMap((severity) => {
    const n = findings.filter((finding) => finding.severity === severity).length;
    return n > 0 ? [html`${severityBadge(severity)}<span class="soft">${n}</span> `] : [];
  });
  return html`<header>
<p class="eyebrow">${tool.name} ${tool.version} · a network examined on data</p>
<h1><bdi class="name">${printable(model)}</bdi></h1>
<p class="verdict">${badges.length > 0 ? badges : emptyVerdict(report)}</p>
${examFacts(report)}
</header>`;
}

function emptyVerdict(report: ExamReport): Html {
  return wasExamined(report)
    ? html`<span class="badge good"><span aria-hidden="true">✔</span> no findings</span>`
    : html`<span class="badge">${NOT_EXAMINED}</span>`;
}

/** What was examined, on what. */
export function examFacts(report: ExamReport): Html {
  const { data, exams } = report;
  return html`<dl class="facts">
<dt>Data</dt><dd>${dataText(report)}</dd>
${data.skipped.length > 0 && html`<dt>Skipped</dt><dd>${data.skipped.map(({ name, reason }, i) => html`${i > 0 && "; "}${nameOf(name)}: ${reason}`)}</dd>`}
${exams.map(
  ({ id, title, status, reason, elapsedMs }) => html`<dt>${id}</dt><dd>${title}${
    status === "done"
      ? html` <span class="soft">${(elapsedMs / 1000).toFixed(1)} s</span>`
      : html`, could not be made: ${reason}`
  }</dd>
`,
)}</dl>
${data.synthetic && html`<p class="banner">${SYNTHETIC_WARNING}</p>`}`;
}

function lookSection(look: Look, report: ExamReport): Html {
  const notable = notableLookLayers(look, foundLayers(report));
  const maps = notable.slice(0, MAPS);
  return html`<section aria-labelledby="look">
<h2 id="look">Look: channels beside each other</h2>
${
  maps.length > 0 &&
  html`<p class="lead">Correlations between the channels a convolution writes: warm r > 0, cold r < 0, fainter the nearer to 0, with steps at 0.1, 0.25, 0.5 and 0.75; a channel without any colour is constant; lines are the borders of its groups. Of wide layers a cell is the mean of |r| over several channels. Layers with groups or findings${notable.length > MAPS && `, the first ${MAPS} of ${notable.length}`}.</p>
<div class="maps">
${maps.map(
  (layer) => html`<figure>
<p>${nameOf(layer.name)}</p>
<p class="soft">${layer.kind}, ${count(layer.groups, "group")}, ${count(layer.outChannels, "channel")}</p>
${heatMap(layer)}
</figure>
`,
)}</div>
`
}<p class="lead">${legend(LOOK_COLUMNS)}</p>
${notable.length > 0 && table(LOOK_COLUMNS, notable)}
<details class="more"><summary>All ${count(look.layers.length, "layer")}</summary>
${table(LOOK_COLUMNS, look.layers)}</details>
</section>`;
}

function listenSection(listen: Listen, report: ExamReport): Html {
  const notable = notableListenLayers(listen, foundLayers(report));
  const drawn = notable.filter(hasBars);
  return html`<section aria-labelledby="listen">
<h2 id="listen">Listen: the gradient at every layer</h2>
<dl class="facts"><dt>Target</dt><dd>${targetText(listen)}</dd><dt>Spread</dt><dd>${listenSpreadText(listen)}</dd></dl>
${
  drawn.length > 0 &&
  html`<p class="lead">How much of a layer's gradient each of its groups has; the line is an equal share, and a group without gradient is red.${drawn.length > MAPS && ` The first ${MAPS} of ${drawn.length} layers.`}</p>
<div class="maps">
${drawn.slice(0, MAPS).map(
  (layer) => html`<figure>
<p>${nameOf(layer.name)}</p>
<p class="soft">${count(layer.groups, "group")}, ${count(layer.outChannels, "channel")}</p>
${groupBars(layer)}
</figure>
`,
)}</div>
`
}<p class="lead">${legend(LISTEN_COLUMNS)}</p>
${notable.length > 0 && table(LISTEN_COLUMNS, notable)}
<details class="more"><summary>All ${count(listen.layers.length, "layer")}</summary>
${table(LISTEN_COLUMNS, listen.layers)}</details>
</section>`;
}

function pulseSection(pulse: Pulse): Html {
  const rows = trialRows(pulse);
  return html`<section aria-labelledby="pulse">
<h2 id="pulse">Pulse: one layer's groups changed</h2>
<p class="lead">What became of the network's outputs when one layer got other groups, on ${pulseSpreadText(pulse)}: norm of the difference over the norm of what it was. Darker is worse, with steps at 0.001, 1, 5, 20 and 50 %; hold the pointer over a cell for time and top-1.${pulse.untried > 0 && ` Empty cells were not reached within the budget, or do not divide: ${count(pulse.untried, "trial")} of ${pulse.trials} not reached.`}</p>
${sensitivityMatrices(pulse)}
<details class="more"><summary>All ${count(rows.length, "trial")}</summary>
<p class="lead">${legend(PULSE_COLUMNS)}</p>
${table(PULSE_COLUMNS, rows)}</details>
</section>`;
}

function askSection(ask: Ask): Html {
  const { profile, sweep } = ask;
  const swept = sweptLayers(ask);
  // One count has no curve.
  const curves = swept.filter(({ sweep }) => sweep.counts.length > 1);
  const roofline = profile && rooflineChart(profile);
  return html`<section aria-labelledby="ask">
<h2 id="ask">Ask: what it costs</h2>
<dl class="facts"><dt>Machine</dt><dd>${machineText(ask)}</dd>
${profile && wholeText(profile).map((line, i) => html`<dt>${i === 0 ? "Whole" : "Ceilings"}</dt><dd>${line}</dd>`)}</dl>
${
  roofline &&
  html`<figure>${roofline}<figcaption>A dot a node that multiplies, as large as its share of the time; the line is what this machine can do. Below its slope a node waits for memory, below its flat part for arithmetic.</figcaption></figure>
`
}${
  profile &&
  html`<p class="lead">${legend(NODE_COLUMNS)}</p>
${table(NODE_COLUMNS, profile.nodes.slice(0, NODES))}
${
  profile.nodes.length > NODES &&
  html`<details class="more"><summary>All ${count(profile.nodes.length, "node")}</summary>
${table(NODE_COLUMNS, profile.nodes)}</details>`
}`
}
${
  swept.length > 0 &&
  html`<h3>Other group counts</h3>
<p class="lead">Timed: ${sweptText(sweep)}. ${curves.length > 0 && " The line is the clock, dashed is what counting multiply-accumulates promises, and the large dot is the layer as it is."}</p>
<div class="sweeps">
${curves.slice(0, SWEEPS).map(
  (row) => html`<figure>
<p>${nameOf(row.names[0])}${row.names.length > 1 && html` <span class="soft">and ${row.names.length - 1} more</span>`}</p>
<p class="soft">G = ${row.layer.groups} now, G = ${fastestText(row)} the fastest${!row.sweep.settled && ", not settled"}</p>
${sweepChart(row)}
</figure>
`,
)}</div>
<p class="lead">${legend(sweepColumns(swept))}</p>
${table(sweepColumns(swept), swept)}`
}</section>`;
}

/** The page draws better than with characters. */
function shownOf<Row>(columns: readonly Column<Row>[]): readonly Column<Row>[] {
  return columns.filter(({ isDrawn }) => !isDrawn);
}

function legend<Row>(columns: readonly Column<Row>[]): string {
  return `${legendOf(shownOf(columns))}.`;
}

function table<Row>(all: readonly Column<Row>[], rows: readonly Row[]): Html {
  const columns = shownOf(all);
  return html`<div class="table" tabindex="0" role="region"><table>
<thead><tr>${columns.map(({ title, align }) => html`<th scope="col"${align === "right" && html` class="number"`}>${title}</th>`)}</tr></thead>
<tbody>
${rows.map(
  (row) => html`<tr>${columns.map((column) => cell(column, row))}</tr>
`,
)}</tbody>
</table></div>`;
}

function cell<Row>({ text, align, isName }: Column<Row>, row: Row): Html {
  if (isName) return html`<th scope="row">${nameOf(text(row))}</th>`;
  return html`<td${align === "right" && html` class="number"`}>${text(row)}</td>`;
}

function checksSection(report: ExamReport): Html {
  return html`<section aria-labelledby="checks">
<h2 id="checks">Checks</h2>
<div class="table"><table><tbody>
${report.checks.map(
  ({
    id,
    status,
    title,
    failureTitle,
    reason,
    findings,
  }) => html`<tr><td><code>${id}</code></td><td>${STATUS_TEXTS[status]}</td><td>${status === "failed" ? failureTitle : title}</td><td class="soft">${findings > 0 ? count(findings, "finding") : reason}</td></tr>
`,
)}</tbody></table></div>
</section>`;
}

const STATUS_TEXTS = {
  failed: "✖ failed",
  passed: "✔ passed",
  "not-applicable": "does not apply",
} as const;

function footer({ notes, tool }: ExamReport): HtmlValue {
  return html`<footer>
<h2>How this was made</h2>
<p>Written by ${tool.name} ${tool.version} from one report. Nothing on this page was loaded from elsewhere.</p>
${
  notes.length > 0 &&
  html`<ul class="plain">
${notes.map(
  (note) => html`<li>${note}</li>
`,
)}</ul>`
}
</footer>`;
}
