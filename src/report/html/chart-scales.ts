/** Where values lie in a chart, for values that come from a file and may be anything. */

export interface Scale {
  /** Height of a value; larger values lie higher, so have a smaller y. */
  y(value: number): number;
  readonly bottom: number;
  /** Values worth a line across the chart, ascending. */
  readonly ticks: readonly number[];
}

interface Band {
  readonly top: number;
  readonly height: number;
}

/** From 0 to at least the largest value, evenly. */
export function costScale(values: readonly number[], { top, height }: Band): Scale {
  const largest = largestOf(values);
  const step = niceStep(largest / 4);
  const count = Math.ceil(largest / step);
  const bottom = top + height;
  return {
    bottom,
    y: (value) => bottom - height * (clamp(value, 0, count * step) / (count * step)),
    ticks: Array.from({ length: count + 1 }, (_, i) => i * step),
  };
}

/** From 1 to at least the largest value, every doubling equally high. */
export function groupsScale(values: readonly number[], { top, height }: Band): Scale {
  const doublings = Math.max(1, Math.ceil(Math.log2(largestOf(values))));
  const bottom = top + height;
  const every = Math.ceil(doublings / 6);
  return {
    bottom,
    y: (value) => bottom - (height * Math.log2(clamp(value, 1, 2 ** doublings))) / doublings,
    ticks: Array.from({ length: Math.floor(doublings / every) + 1 }, (_, i) => 2 ** (i * every)),
  };
}

/** At least 1. */
function largestOf(values: readonly number[]): number {
  return values.reduce((most, value) => (Number.isFinite(value) && value > most ? value : most), 1);
}

/** The smallest of 1, 2 and 5 times a power of ten that is no smaller than `least`. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  return ([1, 2, 5, 10].find((factor) => factor * power >= least) ?? 10) * power;
}

function clamp(value: number, least: number, most: number): number {
  return Number.isFinite(value) ? Math.min(most, Math.max(least, value)) : least;
}
