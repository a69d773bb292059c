import { range } from "../../util/math.js";
import { median } from "../../util/statistics.js";

/** Beside the largest, what is under this is rounding: float32 has 24 bits. */
const DEAD = 2 ** -22;

/** Of each group: rms of the gradients at its weight and at what it writes, and of what it reads and writes. */
export interface GroupSizes {
  readonly weight: readonly number[];
  readonly output: readonly number[];
  readonly read: readonly number[];
  readonly written: readonly number[];
}

/** Groups that nothing but rounding comes back to. */
export function deadGroups(output: readonly number[]): number[] {
  const loudest = Math.max(...output);
  return range(output.length).filter((group) => output[group] <= DEAD * loudest);
}

/**
 * A weight's gradient is what its group reads times what comes back to what it writes, and what comes back is small
 * where a norm makes what is written small. Without either: the larger of gradient at the weight over what is read,
 * and gradient at the output times what is written, over the median group's. Null of dead groups and of those whose
 * data are 0.
 */
export function normalisedGradients(sizes: GroupSizes): (number | null)[] {
  const { weight, output, read, written } = sizes;
  const isDead = new Set(deadGroups(output));
  const alive = range(output.length).filter(
    (group) => !isDead.has(group) && read[group] > 0 && written[group] > 0,
  );
  const result = output.map((): number | null => null);
  if (alive.length === 0) return result;
  const toRead = alive.map((group) => weight[group] / read[group]);
  const toWritten = alive.map((group) => output[group] * written[group]);
  const [usualRead, usualWritten] = [median(toRead), median(toWritten)];
  for (const [i, group] of alive.entries()) {
    const value = Math.max(toRead[i] / usualRead, toWritten[i] / usualWritten);
    if (Number.isFinite(value)) result[group] = value;
  }
  return result;
}

/** The least and the most that {@link normalisedGradients} ever gave of each group, in one batch. */
export class NormalisedRange {
  readonly #least: (number | null)[];
  readonly #most: (number | null)[];

  constructor(groups: number) {
    this.#least = Array<number | null>(groups).fill(null);
    this.#most = Array<number | null>(groups).fill(null);
  }

  read(sizes: GroupSizes): void {
    for (const [group, value] of normalisedGradients(sizes).entries()) {
      if (value === null) continue;
      this.#least[group] = Math.min(value, this.#least[group] ?? value);
      this.#most[group] = Math.max(value, this.#most[group] ?? value);
    }
  }

  /** Null of groups that were dead or without data in every batch. */
  get least(): readonly (number | null)[] {
    return this.#least;
  }

  get most(): readonly (number | null)[] {
    return this.#most;
  }
}
