import type { LookLayer } from "../../../src/exams/index.js";

/** Fewer layers of a kind make no band. */
const LEAST_LAYERS = 5;

export interface Band {
  readonly models: number;
  readonly layers: number;
  /** 5th, 50th and 95th percentile, to three digits after the point. */
  readonly low: number;
  readonly median: number;
  readonly high: number;
}

interface Weighed {
  readonly value: number;
  readonly weight: number;
}

/**
 * Bands of mean |r| by kind and place, such as `dense output`. A model with many layers of a kind counts no more
 * than one with few. Layers with one position, the gates of squeeze-excite blocks, do not count.
 * @param models The layers of each.
 */
export function makeBands(models: readonly (readonly LookLayer[])[]): Record<string, Band> {
  const found = new Map<string, number[][]>();
  for (const layers of models)
    for (const [key, values] of meanCorrelations(layers))
      found.set(key, [...(found.get(key) ?? []), values]);
  return Object.fromEntries(
    [...found]
      .filter(([, byModel]) => byModel.flat().length >= LEAST_LAYERS)
      .sort(([a], [b]) => a.localeCompare(b))
      .map(([key, byModel]) => [key, bandOf(byModel)]),
  );
}

/** Mean |r| of the layers of one model, by kind and place. */
export function meanCorrelations(layers: readonly LookLayer[]): Map<string, number[]> {
  const found = new Map<string, number[]>();
  for (const layer of layers.filter(({ positions }) => positions > 1))
    for (const place of ["output", "after"] as const) {
      const value = layer[place]?.meanAbsR;
      if (value === null || value === undefined) continue;
      const key = `${layer.kind} ${place}`;
      found.set(key, [...(found.get(key) ?? []), value]);
    }
  return found;
}

function bandOf(byModel: readonly (readonly number[])[]): Band {
  const sorted = byModel
    .flatMap((values) => values.map((value) => ({ value, weight: 1 / values.length })))
    .sort((a, b) => a.value - b.value);
  const [low, median, high] = [0.05, 0.5, 0.95].map((share) => percentile(sorted, share));
  return { models: byModel.length, layers: sorted.length, low, median, high };
}

/** The least value that has this share of all weight at or below it. */
function percentile(sorted: readonly Weighed[], share: number): number {
  let left = share * sorted.reduce((sum, { weight }) => sum + weight, 0);
  const reached = sorted.find(({ weight }) => {
    left -= weight;
    return left <= 1e-9; // thirds do not add up to one
  });
  return Number(reached!.value.toFixed(3));
}
