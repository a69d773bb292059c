import { examBody, examFacts } from "../exam/html/page.js";
import { examStyle, examStyleHash } from "../exam/html/style.js";
import { Html, html } from "../html/escape.js";
import { auditBody, footer } from "../html/page.js";
import type { HtmlOptions } from "../html/parts.js";
import { script, scriptHash } from "../html/script.js";
import { style, styleHash } from "../html/style.js";
import { heading } from "../html/summary.js";
import { type Checkup, findingsOf } from "./checkup.js";

/** Audits and exams as one HTML file that needs no other and asks for none; see `renderHtml`. */
export function renderCheckupHtml(checkup: Checkup, options: HtmlOptions = {}): string {
  const { audit, exam, tool } = checkup;
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${checkup.model} audited and examined · groupconv</title>
<style>${new Html(style)}</style>
<style>${new Html(examStyle)}</style>
</head>
<body>
${heading(audit, findingsOf(checkup))}
<main>
${auditBody(audit, options)}
<section aria-labelledby="examined">
<h2 id="examined">Examined on data</h2>
${examFacts(exam)}
</section>
${examBody(exam)}
</main>
${footer({ tool, notes: [...audit.notes, ...exam.notes] })}
<script>${new Html(script)}</script>
</body>
</html>
`.toString();
}

const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${styleHash}' 'sha256-${examStyleHash}'`,
  `script-src 'sha256-${scriptHash}'`,
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
