import {
  intAttribute,
  intsAttribute,
  isStandardDomain,
  type Node,
  stringAttribute,
} from "../graph/index.js";
import { ceilDiv, product, range } from "../util/math.js";

/** What the operators that convolve share; `auto_pad` and defaults still as the node has them. */
export interface ConvAttributes {
  /** G; the attribute is `group`, 1 by default. */
  readonly groups: number;
  /** Sizes of the window; `undefined` when only the weight's shape says so. */
  readonly kernelShape: readonly number[] | undefined;
  readonly strides: readonly number[] | undefined;
  readonly dilations: readonly number[] | undefined;
  /** Begin of every axis, then end of every axis. */
  readonly pads: readonly number[] | undefined;
  readonly autoPad: "NOTSET" | "SAME_UPPER" | "SAME_LOWER" | "VALID";
}

const standardConvs: ReadonlySet<string> = new Set([
  "Conv",
  "ConvTranspose",
  "ConvInteger",
  "QLinearConv",
]);
const microsoftConvs: ReadonlySet<string> = new Set([
  "FusedConv",
  "NhwcConv",
  "NhwcFusedConv",
  "QLinearConv",
]);

/** Does this node convolve, so that its groups are our affair? */
export function isConvolution(node: Node): boolean {
  return isStandardDomain(node.domain)
    ? standardConvs.has(node.op)
    : node.domain === "com.microsoft" && microsoftConvs.has(node.op);
}

export interface ConvInputs {
  readonly x: number;
  readonly weight: number;
  readonly bias: number;
  /** The number that stands for a weight of zero, in the operators that multiply integers. */
  readonly weightZero: number;
}

/** No node has an input of this number. */
const NONE = -1;

/** Which inputs of a convolving node are what. */
export function convInputs({ op }: Node): ConvInputs {
  if (op === "QLinearConv") return { x: 0, weight: 3, bias: 8, weightZero: 5 };
  if (op === "ConvInteger") return { x: 0, weight: 1, bias: NONE, weightZero: 3 };
  return { x: 0, weight: 1, bias: 2, weightZero: NONE };
}

/** Does it read `[N, ...size, C]`, as ONNX Runtime's own operators may? Weights are `[M, C/G, ...k]` all the same. */
export function isChannelsLast(node: Node): boolean {
  if (node.domain !== "com.microsoft") return false;
  return node.op.startsWith("Nhwc") || intAttribute(node, "channels_last", 0) === 1;
}

/** Reads the attributes of Conv and its kin (ONNX operator specification, Conv-1 to Conv-22). */
export function convAttributes(node: Node): ConvAttributes {
  const autoPad = stringAttribute(node, "auto_pad", "NOTSET");
  return {
    groups: intAttribute(node, "group", 1),
    kernelShape: intsAttribute(node, "kernel_shape"),
    strides: intsAttribute(node, "strides"),
    dilations: intsAttribute(node, "dilations"),
    pads: intsAttribute(node, "pads"),
    autoPad:
      autoPad === "SAME_UPPER" || autoPad === "SAME_LOWER" || autoPad === "VALID"
        ? autoPad
        : "NOTSET",
  };
}

export interface ChannelCounts {
  readonly inChannels: number;
  readonly outChannels: number;
}

/**
 * What a weight's shape says about channels, given the groups: Conv `[M, C/G, ...k]`,
 * ConvTranspose `[C, M/G, ...k]`.
 */
export function channelsOfWeight(
  op: string,
  weight: readonly number[],
  groups: number,
): ChannelCounts {
  return op === "ConvTranspose"
    ? { inChannels: weight[0], outChannels: weight[1] * groups }
    : { inChannels: weight[1] * groups, outChannels: weight[0] };
}

/**
 * Multiply-accumulates of one run: every weight meets every position of the output (Conv) or of the
 * input (ConvTranspose), for each of the N samples. Positions that fall on padding count.
 */
export function convMacs(
  op: string,
  weight: readonly number[],
  inShape: readonly number[],
  outShape: readonly number[],
): number {
  const positions = op === "ConvTranspose" ? inShape.slice(2) : outShape.slice(2);
  return product(weight) * product(positions) * (op === "ConvTranspose" ? inShape[0] : outShape[0]);
}

/** Explicit pads of one run: `pads`, or what `auto_pad` stands for at these sizes. */
export function resolvePads(
  attributes: ConvAttributes,
  kernel: readonly number[],
  inSize: readonly number[],
): number[] {
  const axes = range(kernel.length);
  if (attributes.autoPad === "NOTSET") return [...(attributes.pads ?? axes.flatMap(() => [0, 0]))];
  if (attributes.autoPad === "VALID") return axes.flatMap(() => [0, 0]);
  const totals = axes.map((axis) => {
    const stride = attributes.strides?.[axis] ?? 1;
    const extent = (attributes.dilations?.[axis] ?? 1) * (kernel[axis] - 1) + 1;
    const outSize = ceilDiv(inSize[axis], stride);
    return Math.max(0, (outSize - 1) * stride + extent - inSize[axis]);
  });
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, axis) => total - small[axis]);
  return attributes.autoPad === "SAME_UPPER" ? [...small, ...large] : [...large, ...small];
}

export interface TransposePads {
  /** Begin of every axis, then end of every axis. */
  readonly pads: number[];
  readonly outputPadding: number[];
}

/**
 * Explicit pads of one run of a ConvTranspose: those of its attributes, or what `output_shape` or `auto_pad`
 * stand for at these sizes.
 */
export function resolveTransposePads(
  node: Node,
  kernel: readonly number[],
  inSize: readonly number[],
  outSize: readonly number[],
): TransposePads {
  const { strides, dilations, pads, autoPad } = convAttributes(node);
  const zeros = kernel.map(() => 0);
  const outputPadding = [...(intsAttribute(node, "output_padding") ?? zeros)];
  const isGiven = autoPad === "NOTSET" && !node.attributes.has("output_shape");
  if (isGiven) return { pads: [...(pads ?? [...zeros, ...zeros])], outputPadding };
  const totals = kernel.map((size, axis) => {
    const reach =
      (strides?.[axis] ?? 1) * (inSize[axis] - 1) + (dilations?.[axis] ?? 1) * (size - 1);
    return Math.max(0, reach + 1 + outputPadding[axis] - outSize[axis]);
  });
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, axis) => total - small[axis]);
  return {
    pads: autoPad === "SAME_UPPER" ? [...small, ...large] : [...large, ...small],
    outputPadding,
  };
}
