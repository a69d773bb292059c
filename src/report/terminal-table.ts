import Table from "cli-table3";
import type picocolors from "picocolors";
import type { ConvolutionRow } from "../audits/result.js";
import { sum } from "../util/math.js";
import { printable } from "../util/text.js";
import { displayWidth, shorten } from "./display-width.js";
import { type ColumnId, LAYER_COLUMNS, type LayerColumn } from "./layer-columns.js";

export type Colors = ReturnType<typeof picocolors.createColors>;

const GAP = 2;
const SHORTEST_NAME = 16;

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

/** Columns of names, which are shortened before any column is left out. */
const ELASTIC: readonly ColumnId[] = ["name", "mixedBy"];

/** No lines but the one under the head. */
const CHARS = {
  top: "",
  "top-mid": "",
  "top-left": "",
  "top-right": "",
  bottom: "",
  "bottom-mid": "",
  "bottom-left": "",
  "bottom-right": "",
  left: "",
  "left-mid": "",
  mid: "─",
  "mid-mid": "",
  right: "",
  "right-mid": "",
  middle: "",
};

interface Sized {
  readonly column: LayerColumn;
  readonly cells: readonly string[];
  width: number;
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

  const table = new Table({
    head: shown.map(({ column }) => colors.bold(column.title)),
    colAligns: shown.map(({ column }) => column.align),
    colWidths: shown.map(({ width }) => GAP + width),
    chars: CHARS,
    style: { head: [], border: [], compact: true, "padding-left": GAP, "padding-right": 0 },
  });
  for (const [i, row] of rows.entries())
    table.push(
      shown.map(({ column, cells, width }) =>
        paint(shorten(cells[i], width), { row, column, colors }),
      ),
    );

  return {
    lines: table
      .toString()
      .split("\n")
      .map((line) => line.trimEnd()),
    leftOut: all.filter((sized) => !shown.includes(sized)).map(({ column }) => column.title),
  };
}

function widest(texts: readonly string[]): number {
  return texts.reduce((width, text) => Math.max(width, displayWidth(text)), 0);
}

/** Leaves columns out, then shortens names, until the rest fits. */
function fitColumns(all: readonly Sized[], width: number): Sized[] {
  let shown = [...all];
  const least = ({ column, width }: Sized) =>
    ELASTIC.includes(column.id) ? Math.min(width, SHORTEST_NAME) : width;
  for (const id of LEAVE_OUT) {
    if (sum(shown.map(least)) + GAP * shown.length <= width) break;
    shown = shown.filter(({ column }) => column.id !== id);
  }

  const elastic = shown.filter(({ column }) => ELASTIC.includes(column.id));
  const rigid = sum(shown.filter((sized) => !elastic.includes(sized)).map(({ width }) => width));
  let room = width - rigid - GAP * shown.length;
  // The shortest first: what it does not need goes to the others.
  for (const [i, sized] of elastic.sort((a, b) => a.width - b.width).entries()) {
    sized.width = Math.max(1, Math.min(sized.width, Math.floor(room / (elastic.length - i))));
    room -= sized.width;
  }
  return shown;
}

function paint(
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
