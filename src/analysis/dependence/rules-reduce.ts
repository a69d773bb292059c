import { intAttribute, intsAttribute } from "../../graph/index.js";
import { range } from "../../util/math.js";
import {
  accumulate,
  combine,
  isUniform,
  type Labels,
  mapIds,
  remapAxis,
  repeatEach,
  transposeLabels,
  uniform,
  unite,
  uniteBlocks,
} from "./labels.js";
import { axesOf, axisOf, one, type Rule, type RuleContext } from "./rule.js";

/** Operators that bring the elements of an axis together: reductions, norms, matrix products. */

export const reduce: Rule = (context) => {
  const {
    node,
    sets,
    inputs: [x],
  } = context;
  if (!x) return null;
  const rank = x.dims.length;
  const fromInput = context.integers(1);
  if (fromInput === undefined) return isUniform(x) ? uniformOutputs(context, x) : null;
  const given = node.op.startsWith("Arg")
    ? [intAttribute(node, "axis", 0)]
    : (fromInput ?? intsAttribute(node, "axes") ?? []);
  if (given.length === 0 && intAttribute(node, "noop_with_empty_axes", 0) === 1) return [x];
  const wanted = given.length === 0 ? range(rank) : axesOf(given, rank);
  if (!wanted) return null;
  const united = unite(sets, x, wanted);
  if (intAttribute(node, "keepdims", 1) === 1) return [united];
  const kept = range(rank).filter((axis) => !wanted.includes(axis));
  return [{ dims: kept.map((axis) => united.dims[axis]), ids: united.ids }];
};

/** TopK: every output element sees the whole axis. */
export const wholeAxis: Rule = ({ node, sets, inputs: [x] }) => {
  if (!x) return null;
  const axis = axisOf(intAttribute(node, "axis", -1), x.dims.length);
  if (axis === null) return null;
  const united = unite(sets, x, [axis]);
  return node.outputs.map(() => united);
};

export const cumulativeSum: Rule = (context) => {
  const {
    node,
    sets,
    inputs: [x],
  } = context;
  if (!x) return null;
  const axes = axesOf(context.integers(1) ?? [], x.dims.length);
  if (axes?.length !== 1) return null;
  if (x.dims[axes[0]] === 1) return [x];
  const exclusive = intAttribute(node, "exclusive", 0) === 1;
  const reverse = intAttribute(node, "reverse", 0) === 1;
  return [accumulate(sets, x, axes[0], { exclusive, reverse })];
};

/** Before opset 13 softmax ran over all axes from `axis` on. */
export const softmax: Rule = ({ node, sets, opset, inputs: [x] }) => {
  if (!x) return null;
  const rank = x.dims.length;
  const old = opset < 13;
  const axis = axisOf(intAttribute(node, "axis", old ? 1 : -1), rank);
  if (axis === null) return null;
  return one(combine(sets, [x, unite(sets, x, old ? range(axis, rank) : [axis])]));
};

/** A norm's statistics carry a factor and an offset from every channel they cover. */
function withStatistics(
  { sets, toGain }: RuleContext,
  x: Labels,
  axes: readonly number[],
): Labels | null {
  return combine(sets, [x, mapIds(unite(sets, x, axes), toGain)]);
}

export const layerNorm: Rule = (context) => {
  const x = context.inputs[0];
  if (!x) return null;
  const rank = x.dims.length;
  const axis = axisOf(intAttribute(context.node, "axis", -1), rank);
  if (axis === null) return null;
  return firstOutput(context, withStatistics(context, x, range(axis, rank)));
};

export const groupNorm: Rule = (context) => {
  const {
    node,
    sets,
    toGain,
    inputs: [x],
  } = context;
  if (!x || x.dims.length < 2) return null;
  const spatial = unite(sets, x, range(2, x.dims.length));
  const parts = intAttribute(node, "num_groups", 1);
  if (spatial.dims[1] === 1) return one(combine(sets, [x, mapIds(spatial, toGain)]));
  const channels = spatial.dims[1];
  if (parts < 1 || channels % parts !== 0) return null;
  const united = uniteBlocks(sets, spatial, 1, channels / parts);
  const spread = united.dims[1] === 1 ? united : repeatEach(united, 1, channels / parts);
  return one(spread && combine(sets, [x, mapIds(spread, toGain)]));
};

export const instanceNorm: Rule = (context) => {
  const x = context.inputs[0];
  return x ? one(withStatistics(context, x, range(2, x.dims.length))) : null;
};

export const meanVarianceNorm: Rule = (context) => {
  const x = context.inputs[0];
  const axes = x && axesOf(intsAttribute(context.node, "axes") ?? [0, 2, 3], x.dims.length);
  return axes ? one(withStatistics(context, x, axes)) : null;
};

export const lpNorm: Rule = (context) => {
  const x = context.inputs[0];
  const axes = x && axesOf([intAttribute(context.node, "axis", -1)], x.dims.length);
  return axes ? one(withStatistics(context, x, axes)) : null;
};

export const localResponseNorm: Rule = (context) => {
  const {
    node,
    sets,
    toGain,
    inputs: [x],
  } = context;
  if (!x || x.dims.length < 2) return null;
  const channels = x.dims[1];
  if (channels === 1) return [x];
  const reach = Math.min(intAttribute(node, "size", 1) - 1, 2 * channels);
  const near = remapAxis(sets, x, 1, channels, (c) =>
    range(Math.max(0, c - Math.floor(reach / 2)), Math.min(channels, c + Math.ceil(reach / 2) + 1)),
  );
  return one(near && combine(sets, [x, mapIds(near, toGain)]));
};

export const matMul: Rule = (context) => {
  const { node, sets, inputs } = context;
  const rankA = inputs[0]?.dims.length ?? context.inShape(0)?.length;
  const rankB = inputs[1]?.dims.length ?? context.inShape(1)?.length;
  if (rankA === undefined || rankB === undefined || rankA < 2 || rankB < 2) return null;
  const flipA = intAttribute(node, "transA", 0) === 1;
  const flipB = intAttribute(node, "transB", 0) === 1;
  const a = inputs[0] && unite(sets, flipLast(inputs[0], flipA), [inputs[0].dims.length - 1]);
  const b = inputs[1] && unite(sets, flipLast(inputs[1], flipB), [inputs[1].dims.length - 2]);
  const c = node.op === "Gemm" || node.op === "QGemm" ? (inputs[2] ?? null) : null;
  const parts = [a, b, c].filter((labels) => labels !== null);
  const rank = Math.max(rankA, rankB);
  return one(combine(sets, [uniform(rank, 0), ...parts]));
};

function flipLast(labels: Labels, flip: boolean): Labels {
  if (!flip) return labels;
  const rank = labels.dims.length;
  return transposeLabels(labels, [...range(rank - 2), rank - 1, rank - 2]);
}

/** Recurrent layers: every feature and every step may reach every output. */
export const recurrent: Rule = ({ node, sets, inputs }) => {
  const id = sets.unionAll(inputs.flatMap((labels) => (labels ? [...labels.ids] : [])));
  return node.outputs.map((_, i) => uniform(i === 0 ? 4 : 3, id));
};

function firstOutput(
  { node }: RuleContext,
  labels: Labels | null,
): readonly (Labels | null)[] | null {
  return labels && node.outputs.map((_, i) => (i === 0 ? labels : null));
}

function uniformOutputs(context: RuleContext, x: Labels): readonly (Labels | null)[] | null {
  const rank = context.outShape(0)?.length;
  return rank === undefined ? null : [uniform(rank, x.ids[0])];
}
