import { intAttribute } from "../../graph/index.js";
import { convAttributes } from "../../ops/index.js";
import { range } from "../../util/math.js";
import {
  type Axis,
  cutEqually,
  FIXED,
  fixedAxis,
  freshAxis,
  join,
  lengthOf,
  pin,
  repeated,
  unify,
} from "./layout.js";
import { type Axes, axisOf, broadcast, one, pinAll, type Rule, type RuleContext } from "./rule.js";

/** Operators with weights, and those that reduce or pool. */

/** x `[N, C, ...size]`, w `[M, C/G, ...k]`, b `[M]`. */
export const conv: Rule = (context) => {
  const w = context.axes(1);
  const x = context.axes(0) ?? unknown(w);
  const { groups } = convAttributes(context.node);
  if (!x || !w || w.length < 3 || x.length !== w.length) return null;
  const [rows, width] = [lengthOf(w[0]), lengthOf(w[1])];
  if (rows === null || width === null || groups < 1 || rows % groups !== 0) return null;
  pinAll([...x.slice(2), ...w.slice(2)]);
  const channels = inputChannels(x[1], width * groups);
  if (!channels) return null;

  let outputs = w[0];
  if (groups === 1) unify(channels, w[1]);
  else if (width === 1) outputs = unify(w[0], repeated(channels, rows / groups));
  else {
    pin(w[1]);
    if (!context.addGroupedWeight(1, cutEqually(channels, groups))) return null;
    outputs = join(cutEqually(w[0], groups));
  }
  return convolved(context, x, outputs);
};

/** x `[N, C, ...size]`, w `[C, M/G, ...k]`, b `[M]`. */
export const convTranspose: Rule = (context) => {
  const w = context.axes(1);
  const x = context.axes(0) ?? unknown(w);
  const { groups } = convAttributes(context.node);
  if (!x || !w || w.length < 3 || x.length !== w.length) return null;
  const [rows, width] = [lengthOf(w[0]), lengthOf(w[1])];
  if (rows === null || width === null || groups < 1 || rows % groups !== 0) return null;
  pinAll([...x.slice(2), ...w.slice(2)]);
  const channels = inputChannels(x[1], rows);
  if (!channels) return null;

  const inputs = unify(w[0], channels);
  if (groups === 1) return convolved(context, x, w[1]);
  pin(w[1]);
  if (rows === groups) return convolved(context, x, repeated(inputs, width)); // depthwise
  cutEqually(inputs, groups);
  const outputs = range(groups).map(() => freshAxis(width));
  return context.addGroupedWeight(1, outputs) ? convolved(context, x, join(outputs)) : null;
};

/** Data nobody knows anything of, for a weight that has as many axes as they. */
function unknown(weight: Axes): Axes {
  return weight?.map((): Axis => FIXED) ?? null;
}

/** Nothing when the data have another number of channels than the weight. */
function inputChannels(axis: Axis, size: number): Axis | null {
  if (axis === FIXED) return fixedAxis(size);
  return lengthOf(axis) === size ? axis : null;
}

function convolved(
  context: RuleContext,
  x: readonly Axis[],
  outputs: Axis,
): readonly Axes[] | null {
  if (context.node.inputs[2]) {
    const bias = context.axes(2);
    if (bias?.length !== 1) return null;
    unify(outputs, bias[0]);
  }
  return [[x[0], outputs, ...x.slice(2).map(() => FIXED as Axis)]];
}

/** Per-channel parameters stand in the order of the channels, and so do running statistics given out. */
export const channelNorm: Rule = ({ node, axes }) => {
  const x = axes(0);
  if (!x || x.length < 2) return null;
  let channels = x[1];
  for (const index of range(1, node.inputs.length)) {
    const parameter = axes(index);
    if (parameter?.length !== 1) return null;
    channels = unify(channels, parameter[0]);
  }
  return node.outputs.map((_, i) => (i === 0 ? x.with(1, channels) : [channels]));
};

/** Mean and variance over the last axes do not ask in which order they come. */
export const layerNorm: Rule = ({ node, axes }) => {
  const x = axes(0);
  const parameters = range(1, node.inputs.length)
    .filter((index) => node.inputs[index])
    .map(axes);
  const y = x && broadcast([x, ...parameters]);
  return y && node.outputs.map((_, i) => (i === 0 ? y : null));
};

/** a `[..., m, k]`, b `[..., k, n]`. */
export const matMul: Rule = ({ axes }) => {
  const [a, b] = [axes(0), axes(1)];
  if (!a || !b || a.length < 2 || b.length < 2) return null;
  unify(a.at(-1)!, b.at(-2)!);
  const batch = broadcast([a.slice(0, -2), b.slice(0, -2)]);
  return batch && [[...batch, a.at(-2)!, b.at(-1)!]];
};

/** a `[m, k]` and b `[k, n]`, either of them transposed, c spread over `[m, n]`. */
export const gemm: Rule = ({ node, axes }) => {
  const b = axes(1);
  const a = axes(0) ?? unknown(b);
  if (a?.length !== 2 || b?.length !== 2) return null;
  const [m, k] = intAttribute(node, "transA", 0) === 0 ? a : [a[1], a[0]];
  const [depth, n] = intAttribute(node, "transB", 0) === 0 ? b : [b[1], b[0]];
  unify(k, depth);
  return one(node.inputs[2] ? broadcast([[m, n], axes(2)]) : [m, n]);
};

/** Windows slide over space; a second output would count positions. */
export const pool: Rule = ({ node, axes }) => {
  const x = axes(0);
  if (!x || x.length < 3 || node.outputs.filter(Boolean).length > 1) return null;
  pinAll(x.slice(2));
  return [[x[0], x[1], ...x.slice(2).map(() => FIXED as Axis)]];
};

export const globalPool: Rule = ({ axes }) => {
  const x = axes(0);
  if (!x || x.length < 3) return null;
  return [[x[0], x[1], ...x.slice(2).map(() => fixedAxis(1))]];
};

/** Sums, means, extremes and norms do not ask in which order their terms come. */
export const reduce: Rule = ({ node, axes, integers }) => {
  const x = axes(0);
  const given = listAttributeOr(integers, node.attributes.get("axes"), 1);
  if (!x || given === undefined) return null;
  const isEmpty = given === null || given.length === 0;
  if (isEmpty && intAttribute(node, "noop_with_empty_axes", 0) !== 0) return [x];
  const reduced = (isEmpty ? range(x.length) : given).map((axis) => axisOf(axis, x.length));
  const isKept = intAttribute(node, "keepdims", 1) !== 0;
  return [
    x.flatMap((axis, i): Axis[] => {
      if (!reduced.includes(i)) return [axis];
      return isKept ? [fixedAxis(1)] : [];
    }),
  ];
};

/** A list that older operator sets have as an attribute and newer ones as an input. */
export function listAttributeOr(
  integers: RuleContext["integers"],
  attribute: { readonly type: string; readonly value: unknown } | undefined,
  index: number,
): readonly number[] | null | undefined {
  return attribute?.type === "ints"
    ? (attribute.value as readonly (number | bigint)[]).map(Number)
    : integers(index);
}
