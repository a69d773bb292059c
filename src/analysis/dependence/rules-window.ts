import type { Node } from "../../graph/index.js";
import {
  type ConvAttributes,
  channelsOfWeight,
  convAttributes,
  convInputs,
  resolvePads,
} from "../../ops/index.js";
import { range } from "../../util/math.js";
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

/** Positions of a window times its size, along one axis: more is not worth following. */
const MOST_STEPS = 2 ** 24;

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
  const weight = context.inShape(at.weight);
  if (weight?.length !== x.dims.length || weight.length < 3) return null;
  const attributes = convAttributes(node);
  const { groups } = attributes;
  const { inChannels, outChannels } = channelsOfWeight(node.op, weight, groups);

  const slid = slideWindow(context, x, at.x, weight.slice(2), attributes);
  if (!slid || outChannels < 1) return null;
  let labels = slid;
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
  const x = inputs[0];
  const attributes = convAttributes(node);
  if (!x || attributes.kernelShape?.length !== x.dims.length - 2) return null;
  const labels = slideWindow(context, x, 0, attributes.kernelShape, attributes);
  return labels && node.outputs.map(() => labels);
};

export const globalPool: Rule = ({ sets, inputs: [x] }) =>
  x ? [unite(sets, x, range(2, x.dims.length))] : null;

/** Follows labels that change along height or width; null when sizes are unknown or make no sense. */
function slideWindow(
  context: RuleContext,
  x: Labels,
  index: number,
  kernel: readonly number[],
  attributes: ConvAttributes,
): Labels | null {
  const spatial = range(2, x.dims.length);
  if (spatial.every((axis) => x.dims[axis] === 1)) return x;
  if (context.node.op === "ConvTranspose") return null;
  const { strides = spatial.map(() => 1), dilations = spatial.map(() => 1) } = attributes;
  const pads = resolvePads(attributes, kernel, context.inShape(index)?.slice(2) ?? x.dims.slice(2));
  const outShape = context.outShape(0);
  let labels: Labels | null = x;
  for (const [i, axis] of spatial.entries()) {
    if (!labels || labels.dims[axis] === 1) continue;
    const size = labels.dims[axis];
    const [window, stride, dilation, pad] = [kernel[i], strides[i], dilations[i], pads[i]];
    const outSize = outShape?.[axis] ?? -1;
    const isSound = window > 0 && stride > 0 && dilation > 0 && Number.isSafeInteger(pad);
    if (!isSound || outSize * Math.min(window, size) > MOST_STEPS) return null;
    labels = remapAxis(context.sets, labels, axis, outSize, (o) => {
      const start = o * stride - pad;
      const first = Math.max(0, Math.ceil(-start / dilation));
      const end = Math.min(window, Math.floor((size - 1 - start) / dilation) + 1);
      return range(first, end).map((k) => start + k * dilation);
    });
  }
  return labels;
}
