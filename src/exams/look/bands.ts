import reference from "./reference-bands.json" with { type: "json" };
import type { BandVerdict, LayerKind } from "./section.js";

/** The seed's healthy range of mean correlation (S13, S25). No source is known to support it. */
export const SEED_BAND = { low: 0.3, high: 0.7 } as const;

/** Where a layer is looked at: as the convolution writes it, or after its norm and activation. */
export type Place = "output" | "after";

interface Band {
  readonly low: number;
  readonly high: number;
}

/** Mean |r| of the middle nine tenths of layers of this kind in healthy models; see `bench/exam/look`. */
const bands: Readonly<Record<string, Band | undefined>> = reference.bands;

export function referenceBand(kind: LayerKind, place: Place): Band | null {
  const band = bands[`${kind} ${place}`];
  return band ? { low: band.low, high: band.high } : null; // the file says more of each
}

export function verdictOf(value: number, { low, high }: Band): BandVerdict["verdict"] {
  if (value < low) return "below";
  return value > high ? "above" : "within";
}
