import type { EvidenceSummary, Severity } from "../../audits/result.js";
import { printable } from "../../util/text.js";
import { auditUrl } from "../audit-url.js";
import { SEVERITY_SYMBOLS } from "../digest.js";
import { type Html, html } from "./escape.js";

export interface HtmlOptions {
  /** Address of the folder of audit pages, `https://...`. Defaults to none: pages are named, not linked. */
  docsUrl?: string;
}

const LONGEST_NAME = 120;

/** A name from the model; its letters, whatever their direction, do not disturb the text around it. */
export function nameOf(text: string): Html {
  return html`<bdi class="name">${printable(text, LONGEST_NAME) || "(no name)"}</bdi>`;
}

/** A name that leads to its row in the table of layers, where there is one. */
export function layerLink(name: string, rows: ReadonlyMap<string, number>): Html {
  const row = rows.get(name);
  return row === undefined ? nameOf(name) : html`<a href="#${layerId(row)}">${nameOf(name)}</a>`;
}

export function layerId(row: number): string {
  return `layer-${row + 1}`;
}

export function findingId(index: number): string {
  return `finding-${index + 1}`;
}

export function severityBadge(severity: Severity): Html {
  return html`<span class="badge ${severity}"><span aria-hidden="true">${SEVERITY_SYMBOLS[severity]}</span> ${severity}</span>`;
}

export function evidenceBadge({ level }: EvidenceSummary): Html {
  return html`<span class="evidence ${level}" title="${EVIDENCE_MEANINGS[level]}">${level}</span>`;
}

export const EVIDENCE_MEANINGS: Readonly<Record<EvidenceSummary["level"], string>> = {
  specification: "the text of a standard says so",
  runtime: "a condition documented by a runtime, or read in its source or its optimised graph",
  measured: "measured in this run, on this machine",
  published: "a paper's table, or numbers posted by others",
  heuristic: "a rule of thumb; nobody we know of has shown it",
  disputed: "published evidence speaks against it",
};

/** Text in which web addresses are links; nothing is loaded unless a reader follows one. */
export function linked(text: string): readonly Html[] {
  return text
    .split(/(https?:\/\/[^\s<>"'`,;()[\]]+)/)
    .map((part, i) =>
      i % 2 === 0 ? html`${part}` : html`<a href="${part}" rel="noreferrer">${part}</a>`,
    );
}

/** An audit by its id, which leads to its page where its address is known. */
export function auditName(audit: string, { docsUrl }: HtmlOptions): Html {
  const id = html`<code>${audit}</code>`;
  if (docsUrl === undefined) return id;
  return html`<a href="${auditUrl(audit, docsUrl)}" rel="noreferrer">${id}</a>`;
}

/** Marks drawn around the origin, told apart by form as well as colour: a cross, a triangle, a dot. */
export const SEVERITY_PATHS: Readonly<Record<Severity, string>> = {
  error: "M-5-3l2-2 3 3 3-3 2 2-3 3 3 3-2 2-3-3-3 3-2-2 3-3z",
  warning: "M0-6l6 11h-12z",
  info: "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
};
