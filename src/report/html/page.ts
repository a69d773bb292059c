import type { Result } from "../../audits/result.js";
import { KINDS, SEVERITIES } from "../digest.js";
import { auditsSection } from "./audits.js";
import { htmlDocument } from "./document.js";
import { type Html, html } from "./escape.js";
import { findingsSection } from "./findings.js";
import { layersSection } from "./layers.js";
import { networkChart } from "./network-chart.js";
import { EVIDENCE_MEANINGS, type HtmlOptions, SEVERITY_PATHS } from "./parts.js";
import { cards, heading } from "./summary.js";

/** The result as one HTML file; see `htmlDocument`. It can be read without scripts. */
export function renderHtml(result: Result, options: HtmlOptions = {}): string {
  return htmlDocument({
    title: `${result.model.name} · groupconv`,
    hasScript: true,
    body: html`${heading(result)}
<main>
${auditBody(result, options)}
</main>
${footer(result)}`,
  });
}

/** What the page has between its head and its foot. */
export function auditBody(result: Result, options: HtmlOptions): Html {
  return html`${cards(result)}
${result.convolutions.length > 0 && networkSection(result)}
${findingsSection(result, options)}
${result.convolutions.length > 0 && layersSection(result)}
${auditsSection(result, options)}`;
}

function networkSection(result: Result): Html {
  return html`<section aria-labelledby="network">
<h2 id="network">From input to output</h2>
<p class="lead">A column per convolution. Point at one for its numbers; follow it to its finding or its row.</p>
<figure>
<ul class="legend">
${LEGEND.map(
  ({
    mark,
    text,
  }) => html`<li><svg viewBox="-6 -6 12 12" aria-hidden="true">${mark}</svg>${text}</li>
`,
)}</ul>
<div class="scroll" tabindex="0" role="region" aria-label="Chart of the network">
${networkChart(result)}
</div>
<figcaption>In the lower half every doubling is equally high, so the filled part, the groups, and the pale part above it, the channels per group, add up to the input channels. A filled bar without a pale part is a depthwise convolution; a pale bar alone is a dense one.</figcaption>
</figure>
</section>`;
}

const LEGEND = [
  ...KINDS.map((kind) => ({
    mark: html`<rect class="${kind}" x="-6" y="-6" width="12" height="12" rx="2"/>`,
    text: kind,
  })),
  ...SEVERITIES.map((severity) => ({
    mark: html`<path class="${severity}" d="${SEVERITY_PATHS[severity]}"/>`,
    text: severity,
  })),
  { mark: html`<circle class="mix-separate" r="4"/>`, text: "groups never meet" },
  { mark: html`<circle class="mix-gain" r="4"/>`, text: "meet in a gain only" },
  {
    mark: html`<rect class="path-slow" x="-5" y="-5" width="10" height="10"/>`,
    text: "slow kernel",
  },
  {
    mark: html`<rect class="path-unsupported" x="-5" y="-5" width="10" height="10"/>`,
    text: "cannot run",
  },
];

/** How the page was made. */
export function footer({ notes, tool }: Pick<Result, "notes" | "tool">): Html {
  return html`<footer>
<h2>How this was made</h2>
<p>Written by ${tool.name} ${tool.version} from one result file. Nothing on this page was loaded from elsewhere.</p>
${
  notes.length > 0 &&
  html`<ul class="plain">
${notes.map(
  (note) => html`<li>${note}</li>
`,
)}</ul>`
}
<h3>Evidence</h3>
<dl class="facts">
${Object.entries(EVIDENCE_MEANINGS).map(
  ([level, meaning]) => html`<dt>${level}</dt><dd>${meaning}</dd>
`,
)}</dl>
</footer>`;
}
