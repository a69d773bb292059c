import type { AuditRow, Result } from "../../audits/result.js";
import { count } from "../../util/text.js";
import { auditClaim } from "../digest.js";
import { type Html, html } from "./escape.js";
import { auditName, type HtmlOptions } from "./parts.js";

/** Every audit and how it went, in the order a reader wants: what failed first. */
export function auditsSection({ audits }: Result, options: HtmlOptions): Html {
  const sorted = audits.toSorted(
    (a, b) => STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status),
  );
  return html`<section aria-labelledby="all-audits">
<h2 id="all-audits">Audits</h2>
<p class="lead">Every rule that was asked, and its answer. A rule that does not apply or crashed has found nothing, which is not the same as passing. Each has a page in the package, <code>docs/audits/</code>.</p>
<div class="table" tabindex="0" role="region" aria-labelledby="all-audits">
<table>
<caption>${count(audits.length, "audit")}: ${tally(audits)}</caption>
<thead><tr><th scope="col">Status</th><th scope="col">Audit</th><th scope="col">What it says</th><th scope="col">Requirement</th></tr></thead>
<tbody>
${sorted.map((audit) => auditRow(audit, options))}</tbody>
</table>
</div>
</section>`;
}

const STATUS_ORDER: readonly AuditRow["status"][] = [
  "failed",
  "crashed",
  "passed",
  "not-applicable",
  "silent",
];

const STATUSES: Readonly<Record<AuditRow["status"], { text: string; tone: string }>> = {
  failed: { text: "✖ failed", tone: "bad" },
  crashed: { text: "! crashed", tone: "bad" },
  passed: { text: "✔ passed", tone: "good" },
  "not-applicable": { text: "– does not apply", tone: "soft" },
  silent: { text: "– silent", tone: "soft" },
};

function tally(audits: readonly AuditRow[]): string {
  return STATUS_ORDER.map((status) => {
    const n = audits.filter((audit) => audit.status === status).length;
    return n === 0 ? "" : `${n} ${status === "not-applicable" ? "do not apply" : status}`;
  })
    .filter((part) => part !== "")
    .join(", ");
}

function auditRow(audit: AuditRow, options: HtmlOptions): Html {
  const { id, why, status, reason, findings, seedRows } = audit;
  const { text, tone } = STATUSES[status];
  return html`<tr><td class="nowrap"><span class="${tone}">${text}</span>${findings > 0 && html` <span class="soft">× ${findings}</span>`}</td><th scope="row" class="nowrap">${auditName(id, options)}</th><td>${auditClaim(audit)}${reason !== null && html`<br><span class="${tone === "soft" ? "" : tone}">${reason}</span>`}<br><span class="soft">${why}</span></td><td class="soft">${seedRows.join(", ")}</td></tr>
`;
}
