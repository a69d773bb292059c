import type { Convolution, FastPath } from "../analysis/index.js";
import { type ConvShape, findTarget, type PathPrediction, type Target } from "../groups/index.js";

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

/** Whose rules a layer was judged by: a quantised one on ONNX Runtime's CPU provider by those of its int8 kernels. */
export function judgingTarget(
  convolution: Convolution,
  { reason }: FastPath,
  target: Target,
): Target {
  if (target.id !== "ort-cpu") return target;
  const int8 = findTarget("ort-cpu-int8");
  const asInt8 = predictWithGroups(convolution, convolution.groups, int8, null);
  return asInt8.reason === reason ? int8 : target;
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
