import type { ExamReport } from "../../../exams/report.js";
import { count } from "../../../util/text.js";
import { groupsText } from "../../format.js";
import { type Html, html } from "../../html/escape.js";
import { evidenceBadge, linked, nameOf, severityBadge } from "../../html/parts.js";
import { type CheckGroup, type ExamFinding, groupByCheck } from "../digest.js";

/** Findings of one check that are shown at once; the others are folded. */
const SHOWN = 6;

/** What was found, a card per check, worst first. */
export function findingsSection(report: ExamReport): Html {
  const groups = groupByCheck(report);
  return html`<section aria-labelledby="found">
<h2 id="found">Found on data</h2>
${groups.length === 0 && html`<p class="lead">Nothing was found by the checks that apply.</p>`}
${groups.map(card)}</section>`;
}

function card({ id, title, why, severity, findings }: CheckGroup): Html {
  const items = findings.map((finding, i) =>
    item(finding, findings[i + 1]?.advice !== finding.advice),
  );
  const rest = items.slice(SHOWN);
  const sources = new Map(findings.map(({ evidence }) => [evidence.source, evidence]));
  return html`<article class="card finding ${severity}">
<header>${severityBadge(severity)}<h3>${title}</h3>${findings.length > 1 && html`<span class="soft">${count(findings.length, "finding")}</span>`}</header>
<p class="soft">${why}</p>
<ul>
${items.slice(0, SHOWN)}</ul>
${
  rest.length > 0 &&
  html`<details><summary>${rest.length} more</summary><ul>
${rest}</ul></details>
`
}${[...sources.values()].map(
  (evidence) => html`<p class="source">${evidenceBadge(evidence)} ${linked(evidence.source)}</p>
`,
)}<p class="source"><code>${id}</code>, explained in <code>docs/exams/${id}.md</code></p>
</article>
`;
}

function item(finding: ExamFinding, withAdvice: boolean): Html {
  const { node, message, advice } = finding;
  return html`<li>
<p class="where">${nameOf(node)}<span class="soft">${groupsText(finding)}</span></p>
<p>${message}</p>
${withAdvice && html`<p class="advice">${advice}</p>`}</li>
`;
}
