import type { Places } from "./places.js";

/** Strides nearer than this are one level: maps without padding shrink a little from layer to layer. */
const LEVEL_GAP = 1.2;

/** The resolutions of a network's maps, finest first. */
export class Levels {
  /** Smallest stride of each level, in pixels of the input. */
  readonly strides: readonly number[];

  constructor(places: Places) {
    const strides = new Set<number>();
    for (const { form, stride } of places.values())
      if (form === "map" && stride !== null) strides.add(stride);
    const starts: number[] = [];
    let last = 0;
    for (const stride of [...strides].sort((a, b) => a - b)) {
      if (stride >= last * LEVEL_GAP) starts.push(stride);
      last = stride;
    }
    this.strides = starts;
  }

  /** Number of the level a stride falls into; 0 is the finest. */
  of(stride: number): number {
    let [low, high] = [0, this.strides.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.strides[middle] <= stride) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
