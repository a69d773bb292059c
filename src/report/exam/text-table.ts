import { sum } from "../../util/math.js";
import { printable } from "../../util/text.js";
import { displayWidth, shorten } from "../display-width.js";
import { MISSING } from "../format.js";
import { aside, type Page } from "../terminal-text.js";
import { type Column, legendOf } from "./column.js";

const INDENT = "  ";
const GAP = "  ";
/** How far names are shortened before a column is left out. */
const LEAST_NAME = 16;

interface Sized {
  readonly column: Pick<Column<never>, "title" | "isName" | "leaves" | "legend">;
  readonly isRight: boolean;
  readonly cells: readonly string[];
  readonly width: number;
}

/**
 * Rows of text in at most the terminal's columns: columns without any content and then others give way, then names are
 * shortened. The legend of those that are left stands below.
 */
export function textTable<Row>(
  columns: readonly Column<Row>[],
  rows: readonly Row[],
  page: Page,
): string[] {
  const { width, colors } = page;
  const all = columns.map((column): Sized => {
    const cells = rows.map((row) => printable(column.text(row)));
    const widest = Math.max(...[column.title, ...cells].map(displayWidth));
    return { column, isRight: column.align === "right", cells, width: widest };
  });
  const shown = fit(all.filter(hasContent), width);
  const line = (cell: (sized: Sized) => string) =>
    (
      INDENT +
      shown
        .map((sized) => {
          const text = shorten(cell(sized), sized.width);
          const padding = " ".repeat(sized.width - displayWidth(text));
          return sized.isRight ? padding + text : text + padding;
        })
        .join(GAP)
    ).trimEnd();
  return [
    colors.bold(line(({ column }) => column.title)),
    "─".repeat(Math.min(width, tableWidth(shown))),
    ...rows.map((_, i) => line(({ cells }) => cells[i])),
    ...aside(legendOf(shown.map(({ column }) => column)), page),
  ];
}

function hasContent({ column, cells }: Sized): boolean {
  return !!column.isName || cells.some((cell) => cell !== "" && cell !== MISSING);
}

function fit(all: readonly Sized[], width: number): Sized[] {
  const least = (sized: Sized) =>
    sized.column.isName ? { ...sized, width: Math.min(sized.width, LEAST_NAME) } : sized;
  let shown = [...all];
  while (tableWidth(shown.map(least)) > width) {
    const ranks = shown.map(({ column }) => column.leaves ?? Number.NEGATIVE_INFINITY);
    const first = Math.max(...ranks);
    if (first === Number.NEGATIVE_INFINITY) break;
    shown = shown.filter((_, i) => ranks[i] !== first);
  }
  const excess = Math.max(0, tableWidth(shown) - width);
  return shown.map((sized) =>
    sized.column.isName ? { ...sized, width: Math.max(1, sized.width - excess) } : sized,
  );
}

function tableWidth(columns: readonly { readonly width: number }[]): number {
  return INDENT.length + sum(columns.map(({ width }) => width)) + GAP.length * (columns.length - 1);
}
