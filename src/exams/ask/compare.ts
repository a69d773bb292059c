import { median, medianError, type Spread, spreadOf } from "../../util/statistics.js";

/** Times that differ by less are not told apart: sessions of one model differ by as much in where their memory lies. */
const LEAST_SHARE = 0.03;
/** Fewer rounds say little about their own spread. */
const LEAST_ROUNDS = 6;
/** Standard errors between two medians before they are called different. */
const STANDARD_ERRORS = 3;

export interface Comparison {
  /** Over rounds: `a` less `b`, in ms. */
  readonly differenceMs: Spread;
  /** A smaller median is noise. */
  readonly noiseMs: number;
  /** Of `a`, beside `b`. */
  readonly verdict: "faster" | "same" | "slower";
}

/**
 * Compares two layers timed in the same rounds, round by round: what slows a whole round down falls on both.
 * @param fixedMs Part of both times that is neither's own, such as their neighbours'.
 */
export function compareTimes(a: readonly number[], b: readonly number[], fixedMs = 0): Comparison {
  const differences = a.map((ms, round) => ms - b[round]);
  const differenceMs = spreadOf(differences);
  const [aMs, bMs] = [median(a), median(b)];
  const own = Math.max(0, Math.min(aMs, bMs) - fixedMs);
  const noiseMs = Math.max(noiseOf(differences), LEAST_SHARE * own);
  // Where interruptions come and go, rounds may say one thing and the two medians, which a reader sees, another.
  const agrees = Math.sign(aMs - bMs) === Math.sign(differenceMs.median);
  const isSure = agrees && Math.abs(differenceMs.median) > noiseMs;
  return {
    differenceMs,
    noiseMs,
    verdict: !isSure ? "same" : differenceMs.median < 0 ? "faster" : "slower",
  };
}

/** Where one of several stands by its time. */
export interface Standing {
  /** One more than there are others that are faster: 1 is the fastest, or one of those that are. */
  readonly rank: number;
  /** Indices of the others that it cannot be told apart from. */
  readonly ties: readonly number[];
}

/**
 * Ranks several that were timed in the same rounds; alike in their time, they have one rank.
 * @param columns Of each the time in every round.
 * @param fixedMs Part of all times that is nobody's own.
 */
export function rankTimes(columns: readonly (readonly number[])[], fixedMs = 0): Standing[] {
  return columns.map((own, i) => {
    const verdicts = columns.map((other) => compareTimes(other, own, fixedMs).verdict);
    const faster = verdicts.filter((verdict) => verdict === "faster").length;
    const ties = [...verdicts.keys()].filter((j) => j !== i && verdicts[j] === "same");
    return { rank: 1 + faster, ties };
  });
}

/** How far the median of some differences may be off by chance. */
export function noiseOf(differences: readonly number[]): number {
  return Math.max(STANDARD_ERRORS * medianError(differences), rangeOfFew(differences));
}

/** Few numbers lie close together by chance: then all of their range is taken for noise, of two all there is. */
function rangeOfFew(differences: readonly number[]): number {
  if (differences.length >= LEAST_ROUNDS) return 0;
  const zero = differences.length < 3 ? [0] : [];
  return Math.max(...differences, ...zero) - Math.min(...differences, ...zero);
}

/** Two that cannot be told apart are a tie once the noise is under this share of their time. */
const TIE_SHARE = 0.1;
/**
 * Whether more rounds would hardly change the ranking. Every two contestants are told apart, or are a tie
 * within a tenth of their time; and where one half of the rounds (the even, the odd) tells two apart, the
 * other half does not have them the other way round.
 * @param rounds Of each round the time of every contestant.
 */
export function isRankingSettled(rounds: readonly (readonly number[])[]): boolean {
  if (rounds.length < LEAST_ROUNDS) return false;
  const halves = [0, 1].map((parity) => rounds.filter((_, round) => round % 2 === parity));
  const column = (part: readonly (readonly number[])[], i: number) => part.map((row) => row[i]);
  const count = rounds[0].length;
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      const compare = (part: readonly (readonly number[])[]) =>
        compareTimes(column(part, a), column(part, b));
      const { verdict, noiseMs } = compare(rounds);
      const shorter = Math.min(median(column(rounds, a)), median(column(rounds, b)));
      if (verdict === "same" && noiseMs > TIE_SHARE * shorter) return false;
      const [even, odd] = halves.map(compare);
      const isOpposed = even.differenceMs.median * odd.differenceMs.median < 0;
      if (isOpposed && (even.verdict !== "same" || odd.verdict !== "same")) return false;
    }
  }
  return true;
}
