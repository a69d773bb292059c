import type { Finding, Result } from "../../audits/result.js";
import { count } from "../../util/text.js";
import { auditPage } from "../audit-url.js";
import { type FindingGroup, groupFindings } from "../digest.js";
import { groupsText } from "../format.js";
import { type Html, html } from "./escape.js";
import {
  auditName,
  evidenceBadge,
  findingId,
  type HtmlOptions,
  layerLink,
  linked,
  severityBadge,
} from "./parts.js";

/** Findings of one audit that are shown at once; the others are folded. */
const SHOWN = 6;

/** What was found, a card per audit, worst first. */
export function findingsSection(result: Result, options: HtmlOptions): Html {
  const context: Context = {
    options,
    rows: new Map(result.convolutions.map(({ name }, i) => [name, i])),
    places: new Map(result.findings.map((finding, i) => [finding, i])),
    whys: new Map(result.audits.map(({ id, why }) => [id, why])),
  };
  const groups = groupFindings(result);
  return html`<section aria-labelledby="findings">
<h2 id="findings">Findings</h2>
<p class="lead">${groups.length === 0 ? "Nothing was found by the audits that apply." : "Worst first. The evidence says how well the rule behind a finding is supported, from a standard's text to rules of thumb that publications dispute."}</p>
${groups.map((group) => findingCard(group, context))}</section>`;
}

interface Context {
  readonly options: HtmlOptions;
  readonly rows: ReadonlyMap<string, number>;
  readonly places: ReadonlyMap<Finding, number>;
  readonly whys: ReadonlyMap<string, string>;
}

function findingCard({ audit, title, severity, findings }: FindingGroup, context: Context): Html {
  const items = findings.map((finding, i) =>
    findingItem(finding, findings[i + 1]?.advice !== finding.advice, context),
  );
  const rest = items.slice(SHOWN);
  const sources = new Map(findings.map(({ evidence }) => [evidence.source, evidence]));
  return html`<article class="card finding ${severity}">
<header>${severityBadge(severity)}<h3>${title}</h3>${findings.length > 1 && html`<span class="soft">${count(findings.length, "layer")}</span>`}</header>
<p class="soft">${context.whys.get(audit) ?? ""}</p>
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
)}<p class="source">${auditName(audit, context.options)}, explained in <code>${auditPage(audit)}</code></p>
</article>
`;
}

function findingItem(finding: Finding, withAdvice: boolean, { rows, places }: Context): Html {
  const { node, related, message, advice } = finding;
  return html`<li id="${findingId(places.get(finding)!)}">
<p class="where">${layerLink(node, rows)}<span class="soft">${groupsText(finding)}${suggestion(finding)}</span></p>
<p>${message}</p>
${withAdvice && html`<p class="advice">${advice}</p>`}
${related.length > 0 && html`<p class="soft">with ${related.map((name, i) => html`${i > 0 && ", "}${layerLink(name, rows)}`)}</p>`}
${numbers(finding)}</li>
`;
}

function suggestion({ groups, suggestedGroups }: Finding): string {
  return suggestedGroups === null || suggestedGroups === groups ? "" : ` · try ${suggestedGroups}`;
}

/** The numbers of the message by name, for readers who compare; words are in the message already. */
function numbers({ data }: Finding): Html | false {
  const entries = Object.entries(data).filter(([, value]) => typeof value !== "string");
  if (entries.length === 0) return false;
  return html`<dl class="numbers">${entries.map(([name, value]) => html`<div><dt>${name}</dt><dd>${typeof value === "object" ? value.join(", ") : value}</dd></div>`)}</dl>`;
}
