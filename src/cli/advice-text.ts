import Table from "cli-table3";
import { createColors } from "picocolors";
import type { Candidate, ChooseGroupsOptions, GroupAdvice } from "../groups/index.js";

export interface AdviceTextOptions {
  readonly colors: boolean;
  /** Columns of the terminal. */
  readonly width: number;
}

/** Advice as text: the recommendation, its reason, and every valid alternative with its costs. */
export function renderAdvice(
  { inChannels, outChannels, target }: ChooseGroupsOptions,
  advice: GroupAdvice,
  { colors, width }: AdviceTextOptions,
): string {
  const paint = createColors(colors);
  const { recommended } = advice;
  const lines = [
    `${paint.bold(`groups=${recommended.groups}`)}, ${recommended.channelsPerGroup} channels per group, for ${inChannels} -> ${outChannels} channels`,
    `  ${advice.explanation}`,
    ...advice.notes.map((note) => `  note: ${note}`),
    "",
    table(advice, target !== undefined, paint),
    "",
    ...advice.candidates.flatMap((candidate) =>
      reasons(candidate, candidate === recommended, paint),
    ),
  ];
  return `${lines.map((line) => fold(line, width)).join("\n")}\n`;
}

type Paint = ReturnType<typeof createColors>;

function table(advice: GroupAdvice, withTarget: boolean, paint: Paint): string {
  const sized = advice.candidates.some(({ macs }) => macs !== null);
  const head = ["", "groups", "per group", "params", "of dense"];
  if (sized) head.push("MACs");
  if (withTarget) head.push("path");
  const rows = new Table({ head, style: { head: [], border: [], compact: true } });
  for (const candidate of advice.candidates) {
    const row = [
      candidate === advice.recommended ? paint.green("->") : "",
      String(candidate.groups),
      String(candidate.channelsPerGroup),
      candidate.params.toLocaleString("en-US"),
      `${(100 * candidate.paramsRatio).toFixed(candidate.paramsRatio < 0.1 ? 1 : 0)} %`,
    ];
    if (sized) row.push(candidate.macs?.toLocaleString("en-US") ?? "");
    if (withTarget) row.push(pathText(candidate));
    rows.push(row);
  }
  return rows.toString();
}

function pathText({ path, miscomputed }: Candidate): string {
  return miscomputed === null ? (path?.path ?? "") : `${path?.path}, wrong`;
}

function reasons(candidate: Candidate, isRecommended: boolean, paint: Paint): string[] {
  const title = `groups=${candidate.groups}${isRecommended ? " (recommended)" : ""}`;
  const sign = { for: paint.green("+"), against: paint.red("-"), note: " " };
  return [
    isRecommended ? paint.bold(title) : title,
    ...candidate.reasons.map(
      ({ stance, text, evidence }) =>
        `  ${sign[stance]} ${text} ${paint.dim(`[${evidence.level}]`)}`,
    ),
  ];
}

/** Breaks a long line at spaces and sets the rest in by four; lines of a table are left alone. */
function fold(line: string, width: number): string {
  if (line.includes("\n") || line.length <= width) return line;
  const pieces: string[] = [];
  let rest = line;
  while (rest.length > width) {
    const at = rest.lastIndexOf(" ", width);
    if (at <= 4) break;
    pieces.push(rest.slice(0, at));
    rest = `    ${rest.slice(at + 1)}`;
  }
  return [...pieces, rest].join("\n");
}
