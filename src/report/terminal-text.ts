import picocolors from "picocolors";
import type { Severity } from "../audits/result.js";
import { printable } from "../util/text.js";
import { SEVERITY_SYMBOLS } from "./digest.js";
import { wrap } from "./display-width.js";
import type { Colors } from "./terminal-table.js";

/** The parts that terminal reports are put together from. */

export interface TerminalOptions {
  /** Whether to colour with ANSI escapes. */
  colors: boolean;
  /** Columns of the terminal; below 40 it is taken as 40. */
  width: number;
  /** Show every convolution, not only those with groups or findings. Defaults to false. */
  verbose?: boolean;
}

const NARROWEST = 40;
export const LONGEST_TEXT = 2000;

export interface Page {
  readonly colors: Colors;
  readonly width: number;
  readonly verbose: boolean;
}

export function pageOf({ colors, width, verbose = false }: TerminalOptions): Page {
  return { colors: picocolors.createColors(colors), width: Math.max(NARROWEST, width), verbose };
}

/** Sections with an empty line between them; those without lines are left out. */
export function joinSections(sections: readonly (readonly string[])[]): string {
  return `${sections
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n")}\n`;
}

/** A dim label and its text beside it; nothing for no text. */
export function fact(label: string, text: string, page: Page): string[] {
  if (text === "") return [];
  return paragraph(text, {
    page,
    first: page.colors.dim(label.padEnd(9)),
    rest: " ".repeat(9),
  });
}

/** Wrapped text, made printable, with `first` before its first line and `rest` before the others. */
export function paragraph(
  text: string,
  { page, first, rest }: { page: Page; first: string; rest: string },
): string[] {
  const lines = wrap(printable(text, LONGEST_TEXT), page.width - rest.length);
  return lines.map((line, i) => (i === 0 ? first : rest) + line);
}

export function aside(text: string, { colors, width }: Page): string[] {
  return wrap(text, width).map(colors.dim);
}

export function painted(severity: Severity, colors: Colors): (text: string) => string {
  return { error: colors.red, warning: colors.yellow, info: colors.cyan }[severity];
}

/** What it comes to, in the colour of the worst finding; green where there is none. */
export function lastLine(text: string, worst: Severity | undefined, page: Page): string[] {
  const { colors } = page;
  const symbol = worst === undefined ? "✔" : SEVERITY_SYMBOLS[worst];
  const paint = worst === undefined ? colors.green : painted(worst, colors);
  const lines = paragraph(`${symbol} ${text}`, { page, first: "", rest: "" });
  return lines.map((line) => paint(colors.bold(line)));
}
