import { examBody, examFacts } from "../exam/html/page.js";
import { examStyles } from "../exam/html/style.js";
import { htmlDocument } from "../html/document.js";
import { html } from "../html/escape.js";
import { auditBody, footer } from "../html/page.js";
import type { HtmlOptions } from "../html/parts.js";
import { heading } from "../html/summary.js";
import { type Checkup, findingsOf } from "./checkup.js";

/** Audits and exams as one HTML file; see `htmlDocument`. */
export function renderCheckupHtml(checkup: Checkup, options: HtmlOptions = {}): string {
  const { audit, exam, tool } = checkup;
  return htmlDocument({
    title: `${checkup.model} audited and examined · groupconv`,
    styles: [examStyles],
    hasScript: true,
    body: html`${heading(audit, findingsOf(checkup))}
<main>
${auditBody(audit, options)}
<section aria-labelledby="examined">
<h2 id="examined">Examined on data</h2>
${examFacts(exam)}
</section>
${examBody(exam)}
</main>
${footer({ tool, notes: [...audit.notes, ...exam.notes] })}`,
  });
}
