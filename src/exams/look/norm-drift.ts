import { floatAttribute, type Node } from "../../graph/index.js";
import { readFloat64 } from "../../tensor/index.js";
import { range } from "../../util/math.js";
import { spreadOf } from "../../util/statistics.js";
import type { Moments } from "./moments.js";
import type { NormDrift } from "./section.js";
import { storedTensor } from "./stored-tensor.js";

/** Standard deviations of the stored statistics that a channel's mean may be off. */
export const MOST_SHIFT = 1;
/** Factor that a channel's variance may be off. */
export const MOST_VARIANCE_RATIO = 4;
/** ONNX's default of the attribute. */
const EPSILON = 1e-5;

/** What a batch norm stores beside what its input has; null when what it stores is no constant. */
export async function driftOf(norm: Node, moments: Moments): Promise<NormDrift | null> {
  const [, , , storedMean, storedVariance] = norm.inputs.map(storedTensor);
  if (!storedMean || !storedVariance) return null;
  const means = await readFloat64(storedMean);
  const variances = await readFloat64(storedVariance);
  const { channels } = moments;
  if (means.length !== channels || variances.length !== channels) return null;
  const epsilon = floatAttribute(norm, "epsilon", EPSILON);
  const std = moments.std();
  const shifts = range(channels).map(
    (i) => Math.abs(moments.mean[i] - means[i]) / Math.sqrt(variances[i] + epsilon),
  );
  const ratios = range(channels).map((i) => (std[i] ** 2 + epsilon) / (variances[i] + epsilon));
  return {
    norm: norm.label,
    shift: spreadOf(shifts),
    worstShift: Math.max(...shifts),
    varianceRatio: spreadOf(ratios),
    driftedChannels: range(channels).filter(
      (i) =>
        shifts[i] > MOST_SHIFT ||
        ratios[i] > MOST_VARIANCE_RATIO ||
        ratios[i] < 1 / MOST_VARIANCE_RATIO,
    ),
  };
}
