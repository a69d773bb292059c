import { UsageError } from "../../util/errors.js";
import { checkWhole } from "../options.js";

export interface ArchitectureOptions {
  /** How many kinds of things the network tells apart. */
  classes?: number;
  /** Multiplies the channels of every layer, rounded to what the architecture can have. Defaults to 1. */
  width?: number;
}

/** @throws UsageError if `classes` is not a whole number of at least 1 or `width` not a number above 0. */
export function checkArchitecture(name: string, options: Required<ArchitectureOptions>): void {
  const { classes, width } = options;
  checkWhole(name, "classes", classes, 1);
  if (!(width > 0 && Number.isFinite(width)))
    throw new UsageError(`${name}: width=${width} must be greater than 0`);
}

/**
 * The multiple of `divisor` nearest to `channels`, at least one, and one more where rounding down would
 * take over a tenth: the rule of MobileNetV2's authors,
 * https://github.com/tensorflow/models/blob/0344c5503ee55e24f0de7f37336a6e08f10976fd/research/slim/nets/mobilenet/mobilenet.py#L62
 */
export function makeDivisible(channels: number, divisor: number): number {
  const nearest = Math.max(divisor, Math.floor((channels + divisor / 2) / divisor) * divisor);
  return nearest < 0.9 * channels ? nearest + divisor : nearest;
}

/** The multiple of `divisor` nearest to `channels`, at least one. */
export function nearestMultiple(channels: number, divisor: number): number {
  return Math.max(1, Math.round(channels / divisor)) * divisor;
}
