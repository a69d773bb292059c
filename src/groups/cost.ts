import { product } from "../util/math.js";
import { checkWhole } from "./checks.js";
import { checkGroups } from "./divisibility.js";

export interface ConvCostInput {
  inChannels: number;
  outChannels: number;
  groups: number;
  /** Size of the window, in pixels, one number an axis; a single number means a square. */
  kernel: number | readonly number[];
  /**
   * Size of the output, in pixels; a single number is taken for every axis of the kernel. Each output
   * pixel is one placement of the window. For a transposed convolution give the size of the input:
   * there each input pixel is.
   */
  outSize: number | readonly number[];
  /** Counts one more parameter an output channel. Defaults to false. */
  bias?: boolean;
}

export interface ConvCost {
  params: number;
  /** Multiply-accumulates for one image; adding the bias is not counted. */
  macs: number;
}

/**
 * Parameters and multiply-accumulates of a convolution with G groups:
 * params = M * C/G * kh * kw (+ M), macs = H * W * M * C/G * kh * kw.
 *
 * @throws ShapeError if `groups` does not divide both channel counts.
 * @throws UsageError if a size is not a whole number of at least 1.
 */
export function convCost(input: ConvCostInput): ConvCost {
  const { inChannels, outChannels, groups, bias = false } = input;
  checkGroups("convCost", groups, inChannels, outChannels);
  const kernel = kernelAxes(input.kernel);
  const outSize = sizeAxes(input.outSize, kernel.length);
  for (const axis of kernel) checkWhole("kernel", axis, 1);
  for (const axis of outSize) checkWhole("outSize", axis, 1);
  const weights = outChannels * (inChannels / groups) * product(kernel);
  return { params: weights + (bias ? outChannels : 0), macs: weights * product(outSize) };
}

/** One number an axis; a single number means a square window. */
export function kernelAxes(kernel: number | readonly number[]): readonly number[] {
  return typeof kernel === "number" ? [kernel, kernel] : kernel;
}

function sizeAxes(size: number | readonly number[], axes: number): readonly number[] {
  return typeof size === "number" ? Array<number>(axes).fill(size) : size;
}
