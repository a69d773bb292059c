import type { Node } from "../../graph/index.js";
import { channelsOfWeight, convAttributes, convInputs, resolvePads } from "../../ops/index.js";
import { range } from "../../util/math.js";
import { constantBehind, constantShape } from "../convolution.js";
import type { AtomSets } from "./atom-sets.js";
import {
  combine,
  isEmpty,
  type Labels,
  remapAxis,
  repeatEach,
  sameLabels,
  unite,
  uniteBlocks,
} from "./labels.js";
import { one, type Rule, type RuleContext } from "./rule.js";

/** Operators that slide a window: convolutions and poolings. */

/** The input that ONNX Runtime's FusedConv adds to what it convolved; null elsewhere. */
export function addedInput(node: Node): number | null {
  return node.op === "FusedConv" && node.inputs[3] ? 3 : null;
}

export const conv: Rule = (context) => {
  const { node, inputs, sets } = context;
  const at = convInputs(node);
  const x = inputs[at.x];
  const added = addedInput(node);
  const fromData = inputs.some(
    (labels, i) => i !== at.x && i !== added && labels && !isEmpty(labels),
  );
  if (!x || fromData) return null; // a weight made of data
  const weightInput = node.inputs[at.weight];
  const weight =
    weightInput && (constantShape(constantBehind(weightInput)) ?? context.inShape(at.weight));
  if (!weight) return null;
  const attributes = convAttributes(node);
  const { groups } = attributes;
  const { inChannels, outChannels } = channelsOfWeight(node.op, weight, groups);

  let labels = x;
  for (const axis of range(2, labels.dims.length)) {
    if (labels.dims[axis] === 1) continue;
    if (node.op === "ConvTranspose") return null;
    const kernel = weight.slice(2);
    const pads = resolvePads(
      attributes,
      kernel,
      context.inShape(at.x)?.slice(2) ?? labels.dims.slice(2),
    );
    const moved = slideWindow(context, labels, axis, {
      kernel: kernel[axis - 2],
      stride: attributes.strides?.[axis - 2] ?? 1,
      dilation: attributes.dilations?.[axis - 2] ?? 1,
      padBegin: pads[axis - 2],
    });
    if (!moved) return null;
    labels = moved;
  }
  if (labels.dims[1] !== 1) {
    if (labels.dims[1] !== inChannels || inChannels % groups !== 0 || outChannels % groups !== 0)
      return null;
    const mixed = mixWithinGroups(sets, labels, groups, outChannels);
    if (!mixed) return null;
    labels = mixed;
  }
  const sum = added === null ? null : inputs[added];
  return one(sum ? combine(sets, [labels, sum]) : labels);
};

/** Each output channel has all of its group's input channels; the labels themselves when that is no news. */
function mixWithinGroups(
  sets: AtomSets,
  labels: Labels,
  groups: number,
  outChannels: number,
): Labels | null {
  const inChannels = labels.dims[1];
  if (groups === 1) return unite(sets, labels, [1]);
  if (groups === inChannels && groups === outChannels) return labels;
  const united = uniteBlocks(sets, labels, 1, inChannels / groups);
  if (united.dims[1] === 1) return united;
  const spread = repeatEach(united, 1, outChannels / groups);
  return spread && sameLabels(spread, labels) ? labels : spread;
}

export const pool: Rule = (context) => {
  const { node, inputs } = context;
  let labels = inputs[0];
  if (!labels) return null;
  const attributes = convAttributes(node);
  for (const axis of range(2, labels.dims.length)) {
    if (labels.dims[axis] === 1) continue;
    const kernel = attributes.kernelShape;
    const inShape = context.inShape(0);
    if (!kernel || !inShape) return null;
    labels = slideWindow(context, labels, axis, {
      kernel: kernel[axis - 2],
      stride: attributes.strides?.[axis - 2] ?? 1,
      dilation: attributes.dilations?.[axis - 2] ?? 1,
      padBegin: resolvePads(attributes, kernel, inShape.slice(2))[axis - 2],
    });
    if (!labels) return null;
  }
  return node.outputs.map(() => labels);
};

export const globalPool: Rule = ({ sets, inputs: [x] }) =>
  x ? [unite(sets, x, range(2, x.dims.length))] : null;

interface Slide {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly padBegin: number;
}

function slideWindow(
  context: RuleContext,
  labels: Labels,
  axis: number,
  slide: Slide,
): Labels | null {
  const outSize = context.outShape(0)?.[axis];
  if (outSize === undefined) return null;
  return remapAxis(context.sets, labels, axis, outSize, (o) =>
    range(slide.kernel).map((k) => o * slide.stride - slide.padBegin + k * slide.dilation),
  );
}
