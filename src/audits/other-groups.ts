import type { Convolution } from "../analysis/index.js";
import type { ConvShape, PathPrediction, Target } from "../groups/index.js";

/** Predicts the kernels of a layer as if it had another number of groups, by its shape alone. */
export function predictWithGroups(
  convolution: Convolution,
  groups: number,
  target: Target,
  blockSize: number | null,
): PathPrediction {
  return target.predict(shapeWithGroups(convolution, groups), {
    blockSize: blockSize ?? undefined,
  });
}

export function shapeWithGroups(convolution: Convolution, groups: number): ConvShape {
  const { op, inChannels, outChannels, kernel, strides, dilations } = convolution;
  return {
    op: op === "ConvTranspose" ? "ConvTranspose" : "Conv",
    inChannels,
    outChannels,
    groups,
    kernel,
    strides,
    dilations,
  };
}
