import type { ConvolutionRow, Finding, Result } from "../../audits/result.js";
import { findingsByLayer, type Kind } from "../digest.js";
import { compact, fastPathText, groupsText, kernelText, mixingText, percent } from "../format.js";
import { costScale, groupsScale, type Scale } from "./chart-scales.js";
import { type Html, type HtmlValue, html } from "./escape.js";
import { findingId, layerId, SEVERITY_PATHS } from "./parts.js";

/**
 * The network from input to output, a column per convolution. Above: what it costs. Between: what was
 * found, whether its groups meet again, which kernel runs it. Below, on a logarithmic axis: its groups
 * (filled) and channels per group (pale), which add up to its input channels because their product is.
 */
export function networkChart(result: Result): Html {
  const rows = result.convolutions;
  const width = Math.max(NARROWEST, LEFT + RIGHT + rows.length * NARROWEST_COLUMN);
  const cost = costOf(result);
  const view: View = {
    rows,
    cost,
    step: (width - LEFT - RIGHT) / Math.max(1, rows.length),
    right: width - RIGHT,
    costs: costScale(
      rows.map((row) => cost.of(row) ?? 0),
      COSTS,
    ),
    groups: groupsScale(
      rows.map(({ inChannels, groups }) => Math.max(inChannels, groups)),
      GROUPS,
    ),
    totalMacs: result.model.macs,
  };
  const found = findingsByLayer(result);
  const places = new Map(result.findings.map((finding, i) => [finding, i]));

  return html`<svg class="network${width > NARROWEST && " wide"}" viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="${describe(result)}">
${axis(view.costs, view)}
<text class="panel" x="0" y="${COSTS.top - 10}">${cost.title} per convolution</text>
${TRACKS.map(({ title }, i) => html`<text class="panel" x="0" y="${trackY(i) + 4}">${title}</text>`)}
${axis(view.groups, view)}
<text class="panel" x="0" y="${GROUPS.top - 10}">groups × channels per group = input channels</text>
${rows.map((row, i) => {
  const own = found.get(row.name) ?? [];
  const target = own.length > 0 ? findingId(places.get(own[0])!) : layerId(i);
  return html`<a href="#${target}" tabindex="-1">${column(row, i, own, view)}</a>
`;
})}${roles(view)}
</svg>`;
}

const NARROWEST = 1080;
const NARROWEST_COLUMN = 7;
const LEFT = 104;
const RIGHT = 8;
const COSTS = { top: 30, height: 150 };
const TRACKS_TOP = 204;
const TRACK_HEIGHT = 20;
const GROUPS = { top: 292, height: 140 };
const ROLES_TOP = 446;
const HEIGHT = 472;

interface View {
  readonly rows: readonly ConvolutionRow[];
  readonly cost: Cost;
  /** Width of a column. */
  readonly step: number;
  readonly right: number;
  readonly costs: Scale;
  readonly groups: Scale;
  readonly totalMacs: number | null;
}

interface Cost {
  readonly title: string;
  of(row: ConvolutionRow): number | null;
}

/** Multiply-accumulates; without shapes nobody knows them, and output channels stand in. */
function costOf({ convolutions }: Result): Cost {
  return convolutions.some(({ macs }) => macs !== null)
    ? { title: "MACs", of: ({ macs }) => macs }
    : { title: "output channels", of: ({ outChannels }) => outChannels };
}

function column(row: ConvolutionRow, i: number, found: readonly Finding[], view: View): Html {
  const left = LEFT + i * view.step;
  const bar = { width: round(Math.min(36, view.step * 0.72)), centre: left + view.step / 2 };
  const x = round(bar.centre - bar.width / 2);
  const size = view.cost.of(row);
  return html`<title>${columnTitle(row, found, view).map((line) => html`${line}\n`)}</title>
<rect class="hover" x="${round(left)}" y="${COSTS.top}" width="${round(view.step)}" height="${GROUPS.top + GROUPS.height - COSTS.top}"/>
${
  size === null
    ? html`<text class="none" x="${round(bar.centre)}" y="${view.costs.bottom - 4}">?</text>`
    : rectangle({ x, width: bar.width, from: 0, to: size, scale: view.costs, kind: row.kind })
}
${trackMarks(row, found, { centre: bar.centre, step: view.step })}
${groupBars(row, { x, width: bar.width, centre: round(bar.centre) }, view)}`;
}

function groupBars(
  row: ConvolutionRow,
  { x, width, centre }: { x: number; width: number; centre: number },
  { groups: scale, step }: View,
): HtmlValue {
  const channels = rectangle({ x, width, from: 1, to: row.inChannels, scale, kind: "channels" });
  if (row.groups <= 1) return channels;
  const kind = row.groups > row.inChannels ? "excess" : row.kind;
  return [
    channels,
    rectangle({ x, width, from: 1, to: row.groups, scale, kind }),
    step >= 22 &&
      html`<text class="value" x="${centre}" y="${round(scale.y(row.groups) - 4)}">${row.groups}</text>`,
  ];
}

/** A bar between two values of a scale, never thinner than can be seen. */
function rectangle({
  x,
  width,
  from,
  to,
  scale,
  kind,
}: {
  x: number;
  width: number;
  from: number;
  to: number;
  scale: Scale;
  kind: Kind | "channels" | "excess";
}): Html {
  const height = Math.max(2, scale.y(from) - scale.y(to));
  return html`<rect class="${kind}" x="${x}" y="${round(scale.y(from) - height)}" width="${width}" height="${round(height)}"/>`;
}

interface Track {
  readonly title: string;
  /** Drawn around the origin, 5 to each side. */
  mark(row: ConvolutionRow, found: readonly Finding[]): HtmlValue;
}

const TRACKS: readonly Track[] = [
  {
    title: "findings",
    mark: (_row, [worst]) =>
      worst !== undefined &&
      html`<path class="${worst.severity}" d="${SEVERITY_PATHS[worst.severity]}"/>`,
  },
  {
    title: "groups meet",
    mark: ({ kind, mixing }) =>
      kind !== "dense" && html`<circle class="mix-${mixing.status}" r="4"/>`,
  },
  {
    title: "kernel",
    mark: ({ fastPath }) =>
      fastPath.path !== "unknown" &&
      html`<rect class="path-${fastPath.path}" x="-3.5" y="-3.5" width="7" height="7"/>`,
  },
];

/** The marks of a column in their tracks, made smaller where columns are narrow. */
function trackMarks(
  row: ConvolutionRow,
  found: readonly Finding[],
  { centre, step }: { centre: number; step: number },
): HtmlValue {
  const scale = round(Math.min(1, step / 12));
  return TRACKS.map(({ mark }, track) => {
    const drawn = mark(row, found);
    return (
      drawn !== false &&
      html`<g transform="translate(${round(centre)} ${trackY(track)})${scale < 1 && ` scale(${scale})`}">${drawn}</g>`
    );
  });
}

function trackY(track: number): number {
  return TRACKS_TOP + track * TRACK_HEIGHT;
}

function axis({ ticks, y }: Scale, { right }: View): readonly Html[] {
  return ticks.map(
    (tick) => html`<path class="grid" d="M${LEFT} ${round(y(tick))}H${right}"/>
<text class="tick" x="${LEFT - 8}" y="${round(y(tick) + 4)}">${compact(tick).replace(/\.0+(?= )/, "")}</text>
`,
  );
}

/** Runs of neighbours with the same role, named where there is room. */
function roles({ rows, step }: View): readonly Html[] {
  const marks: Html[] = [];
  for (let start = 0; start < rows.length; ) {
    const { role } = rows[start];
    const next = rows.findIndex((row, i) => i > start && row.role !== role);
    const end = next === -1 ? rows.length : next;
    const [from, to] = [LEFT + start * step + 1.5, LEFT + end * step - 1.5];
    const named = to - from >= role.length * 6.5;
    marks.push(html`<path class="role" d="M${round(from)} ${ROLES_TOP - 5}v5H${round(to)}v-5"/>
${named && html`<text class="role-name" x="${round((from + to) / 2)}" y="${ROLES_TOP + 16}">${role === "unknown" ? "?" : role}</text>`}
`);
    start = end;
  }
  return marks;
}

function columnTitle(
  row: ConvolutionRow,
  found: readonly Finding[],
  { totalMacs }: View,
): string[] {
  const share = row.macs === null || totalMacs === null ? "" : ` (${percent(row.macs, totalMacs)})`;
  const lines = [
    row.name || "(no name)",
    `${row.role}, ${row.op} ${kernelText(row)}, ${row.inChannels} to ${row.outChannels} channels`,
    `${groupsText(row)}, ${row.kind}`,
    `${compact(row.macs)} MACs${share}, ${compact(row.params)} params`,
    `kernel: ${fastPathText(row)}, ${row.fastPath.reason}`,
    row.kind === "dense" ? "" : `groups meet: ${mixingText(row)}`,
    ...found.map(({ severity, message }) => `${severity}: ${message}`),
  ];
  return lines.filter((line) => line !== "");
}

function describe(result: Result): string {
  const { convolutions, findings } = result;
  const marked = new Set(findings.map(({ node }) => node)).size;
  return `Chart of ${convolutions.length} convolutions from input to output: cost, findings (on ${marked} layers), mixing, kernel and groups of each. The table of layers holds the same numbers.`;
}

function round(n: number): number {
  return Math.round(n * 100) / 100;
}
