import type picocolors from "picocolors";
import type { ConvolutionRow } from "../audits/result.js";
import { sum } from "../util/math.js";
import { printable } from "../util/text.js";
import { displayWidth, shorten } from "./display-width.js";
import { type ColumnId, LAYER_COLUMNS, type LayerColumn } from "./layer-columns.js";

export type Colors = ReturnType<typeof picocolors.createColors>;

const INDENT = "  ";
const GAP = "  ";

/** Columns that give way, in this order, where the terminal is too narrow for all. */
const LEAVE_OUT: readonly ColumnId[] = [
  "role",
  "params",
  "kernel",
  "macs",
  "out",
  "in",
  "fastPath",
  "mixedBy",
];

/** Columns of names, and how far they are shortened before another column is left out. */
const ELASTIC: Readonly<Partial<Record<ColumnId, number>>> = { name: 18, mixedBy: 16 };

interface Sized {
  readonly column: LayerColumn;
  readonly cells: readonly string[];
  readonly width: number;
}

export interface LayerTable {
  readonly lines: readonly string[];
  /** Titles of the columns there was no room for. */
  readonly leftOut: readonly string[];
}

/** The table of convolutions in at most `width` columns of a terminal. */
export function layerTable(
  rows: readonly ConvolutionRow[],
  { width, colors }: { width: number; colors: Colors },
): LayerTable {
  const all = LAYER_COLUMNS.map((column): Sized => {
    const cells = rows.map((row) => printable(column.text(row)));
    return { column, cells, width: widest([column.title, ...cells]) };
  });
  const shown = fitColumns(all, width);

  const lineOf = (cell: (sized: Sized) => string, paint: Paint = (text) => text) =>
    shown
      .map((sized) => {
        const text = shorten(cell(sized), sized.width);
        const padding = " ".repeat(sized.width - displayWidth(text));
        const painted = paint(text, sized.column);
        return sized.column.align === "right" ? padding + painted : painted + padding;
      })
      .join(GAP)
      .trimEnd();

  return {
    lines: [
      INDENT + lineOf(({ column }) => column.title, colors.bold),
      "─".repeat(Math.min(width, INDENT.length + tableWidth(shown, (sized) => sized.width))),
      ...rows.map(
        (row, i) =>
          INDENT +
          lineOf(
            ({ cells }) => cells[i],
            (text, column) => paintCell(text, { row, column, colors }),
          ),
      ),
    ],
    leftOut: all
      .filter(({ column }) => shown.every((sized) => sized.column !== column))
      .map(({ column }) => column.title),
  };
}

type Paint = (text: string, column: LayerColumn) => string;

function tableWidth(columns: readonly Sized[], widthOf: (sized: Sized) => number): number {
  return sum(columns.map(widthOf)) + GAP.length * Math.max(0, columns.length - 1);
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, displayWidth(text)), 0);
}

/** Leaves columns out, then shortens names, until the rest fits. */
function fitColumns(all: readonly Sized[], width: number): Sized[] {
  let shown = all;
  for (const id of LEAVE_OUT) {
    if (INDENT.length + tableWidth(shown, leastWidth) <= width) break;
    shown = shown.filter(({ column }) => column.id !== id);
  }

  let spare = Math.max(0, width - INDENT.length - tableWidth(shown, leastWidth));
  const fitted = new Map<Sized, number>();
  // Who needs the least comes first: what it leaves goes to the others.
  const hungry = shown.toSorted((a, b) => a.width - leastWidth(a) - (b.width - leastWidth(b)));
  for (const [i, sized] of hungry.entries()) {
    const least = leastWidth(sized);
    const more = Math.min(sized.width - least, Math.floor(spare / (hungry.length - i)));
    fitted.set(sized, least + more);
    spare -= more;
  }
  return shown.map((sized) => ({ ...sized, width: fitted.get(sized)! }));
}

function leastWidth({ column, width }: Sized): number {
  return Math.min(width, ELASTIC[column.id] ?? width);
}

function paintCell(
  text: string,
  { row, column, colors }: { row: ConvolutionRow; column: LayerColumn; colors: Colors },
): string {
  switch (column.id) {
    case "groups":
      return row.kind === "dense" ? colors.dim(text) : colors.bold(text);
    case "fastPath":
      return paintPath(text, row, colors);
    case "mixedBy":
      if (row.kind === "dense") return colors.dim(text);
      return row.mixing.status === "separate" ? colors.red(text) : text;
    case "role":
    case "channelsPerGroup":
      return row.kind === "dense" ? colors.dim(text) : text;
    default:
      return text;
  }
}

function paintPath(text: string, { fastPath }: ConvolutionRow, colors: Colors): string {
  switch (fastPath.path) {
    case "fast":
    case "depthwise":
      return colors.green(text);
    case "slow":
      return colors.yellow(text);
    case "unsupported":
      return colors.red(text);
    case "unknown":
      return colors.dim(text);
  }
}
