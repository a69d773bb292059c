import { Html, type HtmlValue, html } from "./escape.js";
import { script, scriptHash } from "./script.js";
import { style, styleHash } from "./style.js";

/** Text that a page may hold, and its SHA-256 in base64, by which the policy allows it. */
export interface Allowed {
  readonly text: string;
  readonly hash: string;
}

export interface DocumentParts {
  readonly title: HtmlValue;
  /** Beside the style of all reports. */
  readonly styles?: readonly Allowed[];
  /** Whether the page has the one script there is: it moves the marks of layers. Defaults to false. */
  readonly hasScript?: boolean;
  readonly body: Html;
}

/**
 * A report as one HTML file that needs no other and asks for none: its policy forbids every request, and every
 * style and script but its own.
 */
export function htmlDocument({
  title,
  styles = [],
  hasScript = false,
  body,
}: DocumentParts): string {
  const allStyles = [{ text: style, hash: styleHash }, ...styles];
  const policy = [
    "default-src 'none'",
    `style-src ${allStyles.map(({ hash }) => `'sha256-${hash}'`).join(" ")}`,
    ...(hasScript ? [`script-src 'sha256-${scriptHash}'`] : []),
    "base-uri 'none'",
    "form-action 'none'",
  ].join("; ");
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
${allStyles.map(
  ({ text }) => html`<style>${new Html(text)}</style>
`,
)}</head>
<body>
${body}${
  hasScript &&
  html`
<script>${new Html(script)}</script>`
}
</body>
</html>
`.toString();
}
