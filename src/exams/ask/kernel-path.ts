import { type ConvShape, findTarget, type KernelPath } from "../../groups/index.js";
import { readsIntegers } from "./kind.js";
import type { Configuration } from "./section.js";

/** Tells the kernel of one group count of a configuration. */
export type PathOf = (configuration: Configuration, groups: number) => KernelPath;

/**
 * What the rules of `ort-cpu` say. Nothing where they are not known: of ConvInteger, and of float16, which
 * builds with kernels of their own do not cast.
 * @param blockSize Channels in a block on this machine; null where that is not known.
 */
export function predictPath(blockSize: number | null): PathOf {
  const machine = { blockSize: blockSize ?? undefined };
  return (configuration, groups) => {
    const { op, dataType } = configuration;
    if (op === "ConvInteger" || dataType === "float16") return "unknown";
    const target = findTarget(readsIntegers(configuration) ? "ort-cpu-int8" : "ort-cpu");
    return target.predict(convShape(configuration, groups), machine).path;
  };
}

function convShape(configuration: Configuration, groups: number): ConvShape {
  const { op, inShape, outShape, kernel, strides, dilations, weight } = configuration;
  return {
    op: op === "ConvTranspose" ? op : "Conv",
    inChannels: inShape[1],
    outChannels: outShape[1],
    groups,
    kernel,
    strides,
    dilations,
    constantWeights: weight.source === "constant",
  };
}
