import type { ConvolutionRow, Finding, Result } from "../../audits/result.js";
import { findingsByLayer, SEVERITY_SYMBOLS } from "../digest.js";
import {
  channelsPerGroupText,
  compact,
  fastPathText,
  kernelText,
  MISSING,
  mixingText,
} from "../format.js";
import { type Html, type HtmlValue, html } from "./escape.js";
import { findingId, layerId, nameOf } from "./parts.js";

/** Every convolution with its numbers. */
export function layersSection(result: Result): Html {
  const rows = result.convolutions;
  const found = findingsByLayer(result);
  const places = new Map(result.findings.map((finding, i) => [finding, i]));
  return html`<section aria-labelledby="all-layers">
<h2 id="all-layers">Layers</h2>
<p class="lead">Channels per group is the number to reason with; groups is how it is written. “Mixed by” names the node at which all groups have met.</p>
<div class="tools" id="layer-tools" hidden>
<label>Filter <input type="search" placeholder="name, role, kernel …"></label>
<label><input type="checkbox"> with groups only</label>
<label><input type="checkbox"> with findings only</label>
<output class="soft"></output><span class="soft">Select a heading to sort by it.</span>
</div>
<div class="table" tabindex="0" role="region" aria-labelledby="all-layers">
<table id="layers">
<caption>Convolutions from input to output</caption>
<thead><tr>${COLUMNS.map(({ title, number }) => html`<th scope="col"${number && html` class="number"`}>${title}</th>`)}</tr></thead>
<tbody>
${rows.map((row, i) => layerRow(row, i, { found: found.get(row.name) ?? [], places }))}</tbody>
</table>
</div>
</section>`;
}

interface RowContext {
  readonly found: readonly Finding[];
  readonly places: ReadonlyMap<Finding, number>;
}

interface Column {
  readonly title: string;
  /** Numbers are set to the right, and sorted by `value`. */
  readonly number?: true;
  cell(row: ConvolutionRow, i: number, context: RowContext): HtmlValue;
  value?(row: ConvolutionRow, i: number, context: RowContext): number;
}

const COLUMNS: readonly Column[] = [
  { title: "#", number: true, cell: (_row, i) => i + 1, value: (_row, i) => i + 1 },
  { title: "Layer", cell: layerCell },
  { title: "Role", cell: ({ role }) => (role === "unknown" ? MISSING : role) },
  {
    title: "In → out",
    number: true,
    cell: ({ inChannels, outChannels }) => `${inChannels} → ${outChannels}`,
    value: ({ inChannels }) => inChannels,
  },
  { title: "Kernel", cell: (row) => kernelText(row) },
  {
    title: "Groups",
    number: true,
    cell: ({ groups, kind }) => html`<span class="kind ${kind}" title="${kind}">${groups}</span>`,
    value: ({ groups }) => groups,
  },
  {
    title: "Channels per group",
    number: true,
    cell: ({ channelsPerGroup }) => channelsPerGroupText(channelsPerGroup),
    value: ({ channelsPerGroup }) => channelsPerGroup,
  },
  {
    title: "Params",
    number: true,
    cell: ({ params }) => compact(params),
    value: ({ params }) => params,
  },
  {
    title: "MACs",
    number: true,
    cell: ({ macs }) => compact(macs),
    value: ({ macs }) => macs ?? -1,
  },
  {
    title: "Path",
    cell: (row) =>
      html`<span class="${PATH_TONES[row.fastPath.path]}" title="${row.fastPath.reason}">${fastPathText(row)}</span>`,
  },
  { title: "Mixed by", cell: mixingCell },
];

function layerCell({ name, op }: ConvolutionRow, _i: number, context: RowContext): Html {
  const marks = context.found.map(
    (finding) =>
      html` <a class="mark ${TONES[finding.severity]}" href="#${findingId(context.places.get(finding)!)}" title="${finding.message}">${SEVERITY_SYMBOLS[finding.severity]}</a>`,
  );
  return html`${nameOf(name)}${marks}${op !== "Conv" && html`<br><span class="soft">${op}</span>`}`;
}

function mixingCell(row: ConvolutionRow): Html {
  const { status, mixedBy } = row.mixing;
  return row.kind !== "dense" && status === "mixed" && mixedBy !== null
    ? nameOf(mixedBy)
    : html`<span class="${MIXING_TONES[row.kind === "dense" ? "dense" : status]}">${mixingText(row)}</span>`;
}

const TONES = { error: "bad", warning: "poor", info: "soft" } as const;
const PATH_TONES = {
  fast: "good",
  depthwise: "good",
  slow: "poor",
  unsupported: "bad",
  unknown: "soft",
} as const;
const MIXING_TONES = {
  dense: "soft",
  mixed: "good",
  separate: "bad",
  gain: "poor",
  unknown: "soft",
} as const;

function layerRow(row: ConvolutionRow, i: number, context: RowContext): Html {
  const cells = COLUMNS.map((column) => {
    const value = column.value && html` data-value="${column.value(row, i, context)}"`;
    const content = column.cell(row, i, context);
    if (column.title === "Layer") return html`<th scope="row">${content}</th>`;
    return html`<td${column.number && html` class="number"`}${value ?? null}>${content}</td>`;
  });
  return html`<tr id="${layerId(i)}" class="${row.kind}" data-found="${context.found.length}">${cells}</tr>
`;
}
