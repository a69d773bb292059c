import type { AuditRow, ConvolutionRow, Finding, Result } from "../audits/result.js";
import { count } from "../util/text.js";
import { auditUrl } from "./audit-url.js";
import {
  auditClaim,
  layersText,
  notableLayers,
  SEVERITY_SYMBOLS,
  sortedFindings,
  totalsByKind,
  verdict,
} from "./digest.js";
import { channelsPerGroupText, compact, percent, shapeText } from "./format.js";
import { LAYER_COLUMNS, type LayerColumn } from "./layer-columns.js";
import { markdownCode, markdownText } from "./markdown-escape.js";
import { details, table } from "./markdown-parts.js";

export interface MarkdownOptions {
  /** Show every convolution, not only those with groups or findings. Defaults to false. */
  verbose?: boolean;
  /** Address of the folder of audit pages, `https://...`. Defaults to none: audits are named, not linked. */
  docsUrl?: string;
}

/** The result as GitHub-flavoured Markdown for a pull request. */
export function renderMarkdown(result: Result, options: MarkdownOptions = {}): string {
  const sections = [
    ...heading(result),
    findingsTable(result, options),
    layers(result, options),
    auditsTable(result),
    ...result.notes.map((note) => `> ${markdownText(note)}`),
  ];
  return `${sections.filter((section) => section !== "").join("\n\n")}\n`;
}

function heading(result: Result): string[] {
  const { model, scene, target, inputs, preset, shapes } = result;
  const facts = [
    `scene **${scene.task}** (${scene.source}: ${markdownText(scene.reason)})`,
    `target ${markdownCode(target.name)}${target.blockSize === null ? "" : `, blocks of ${target.blockSize} channels`}`,
    `preset ${markdownCode(preset)}`,
    ...inputs.map(
      ({ name, shape, source }) => `input ${markdownCode(name)} ${shapeText(shape)} (${source})`,
    ),
  ];
  if (!shapes.available)
    facts.push(`no shapes: ${markdownText(shapes.reason ?? "no reason given")}`);
  return [
    `### groupconv: ${markdownCode(model.name)}`,
    `**${verdict(result)}** in ${layersText(result)}; ${sizes(result)}`,
    facts.map((fact) => `- ${fact}`).join("\n"),
  ];
}

function sizes(result: Result): string {
  const { params, macs } = result.model;
  const { grouped, depthwise } = totalsByKind(result);
  const inGroups = (grouped.macs ?? 0) + (depthwise.macs ?? 0);
  const share =
    macs === null ? "" : `, ${percent(inGroups, macs)} of them in grouped and depthwise layers`;
  return `${compact(params)} params, ${compact(macs)} MACs${share}`;
}

function findingsTable(result: Result, { docsUrl }: MarkdownOptions): string {
  const rows = sortedFindings(result).map((finding) => [
    `${SEVERITY_SYMBOLS[finding.severity]} ${finding.severity}`,
    markdownCode(finding.node),
    groupsCell(finding),
    `${markdownText(finding.message)}<br>→ ${markdownText(finding.advice)}`,
    auditLink(finding.audit, docsUrl),
    finding.evidence.level,
  ]);
  if (rows.length === 0) return "";
  return table(["", "layer", "groups × channels", "finding", "audit", "evidence"], rows);
}

function groupsCell({ groups, channelsPerGroup, suggestedGroups }: Finding): string {
  const now = `${groups} × ${markdownText(channelsPerGroupText(channelsPerGroup))}`;
  return suggestedGroups === null || suggestedGroups === groups
    ? now
    : `${now}<br>try ${suggestedGroups}`;
}

function auditLink(audit: string, docsUrl: string | undefined): string {
  const url = docsUrl === undefined ? null : auditUrl(audit, docsUrl);
  return url === null ? markdownCode(audit) : `[${markdownText(audit)}](<${url}>)`;
}

function layers(result: Result, { verbose = false }: MarkdownOptions): string {
  const rows = verbose ? result.convolutions : notableLayers(result);
  if (rows.length === 0) return "";
  const all = result.convolutions.length;
  const title =
    rows.length === all
      ? `All ${count(all, "convolution")}`
      : `${rows.length} of ${count(all, "convolution")}: those with groups or findings`;
  return details(
    title,
    table(
      LAYER_COLUMNS.map((column) => column.title),
      rows.map((row) => LAYER_COLUMNS.map((column) => layerCell(column, row))),
      LAYER_COLUMNS.map((column) => column.align),
    ),
  );
}

function layerCell(column: LayerColumn, row: ConvolutionRow): string {
  const isName = column.id === "name" || (column.id === "mixedBy" && row.mixing.status === "mixed");
  return isName ? markdownCode(column.text(row)) : markdownText(column.text(row));
}

function auditsTable(result: Result): string {
  const rows = result.audits.map((audit) => [
    STATUS_TEXTS[audit.status],
    markdownCode(audit.id),
    markdownText(auditClaim(audit)),
    audit.findings > 0 ? count(audit.findings, "finding") : markdownText(audit.reason ?? ""),
  ]);
  if (rows.length === 0) return "";
  return details(count(rows.length, "audit"), table(["status", "audit", "", ""], rows));
}

const STATUS_TEXTS: Readonly<Record<AuditRow["status"], string>> = {
  failed: "✖ failed",
  passed: "✔ passed",
  "not-applicable": "does not apply",
  silent: "silent",
  crashed: "crashed",
};
