import { channelsOfWeight, convAttributes, convInputs, resolvePads } from "../../ops/index.js";
import { range } from "../../util/math.js";
import { constantBehind, constantShape } from "../convolution.js";
import { combine, isEmpty, type Labels, remapAxis, unite } from "./labels.js";
import { one, type Rule, type RuleContext } from "./rule.js";

/** Operators that slide a window: convolutions and poolings. */

export const conv: Rule = (context) => {
  const { node, inputs, sets } = context;
  const at = convInputs(node);
  const x = inputs[at.x];
  const added = node.op === "FusedConv" ? 3 : -1;
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
    if (groups === 1) labels = unite(sets, labels, [1]);
    else {
      const [ins, outs] = [inChannels / groups, outChannels / groups];
      const united = remapAxis(sets, labels, 1, groups, (g) => range(g * ins, (g + 1) * ins));
      if (!united) return null;
      const spread =
        united.dims[1] === 1
          ? united
          : remapAxis(sets, united, 1, outChannels, (m) => [Math.floor(m / outs)]);
      if (!spread) return null;
      labels = spread;
    }
  }
  const sum = inputs[added];
  return one(sum ? combine(sets, [labels, sum]) : labels);
};

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
