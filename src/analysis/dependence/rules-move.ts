import { intAttribute, intsAttribute, stringAttribute } from "../../graph/index.js";
import { product, range } from "../../util/math.js";
import {
  combine,
  concatLabels,
  expandTo,
  isUniform,
  type Labels,
  remapAxis,
  reshapeLabels,
  transposeLabels,
  uniform,
  unite,
} from "./labels.js";
import { axesOf, axisOf, one, positive, type Rule, type RuleContext } from "./rule.js";

/** Operators that move elements about: reshapes, slices, concatenations, paddings. */

export const reshape: Rule = (context) => {
  const {
    inputs: [x],
  } = context;
  const from = context.inShape(0);
  const to = context.outShape(0);
  if (!x) return null;
  if (isUniform(x) && to) return [uniform(to.length, x.ids[0])];
  return from && to ? one(reshapeLabels(x, from, to)) : null;
};

export const transpose: Rule = ({ node, inputs: [x] }) => {
  if (!x) return null;
  const axes = range(x.dims.length);
  const perm = intsAttribute(node, "perm") ?? axes.toReversed();
  const isPermutation = perm.length === axes.length && axes.every((axis) => perm.includes(axis));
  return isPermutation ? [transposeLabels(x, perm)] : null;
};

export const concat: Rule = (context) => {
  const { node, sets, inputs } = context;
  const rank = Math.max(...inputs.map((labels) => labels?.dims.length ?? 0));
  const axis = axisOf(intAttribute(node, "axis", 1), rank);
  if (axis === null) return null;
  const parts = inputs.map((labels) => labels ?? uniform(rank, 0));
  if (parts.some((labels) => labels.dims.length !== rank && !isUniform(labels))) return null;
  const ranked = parts.map((labels) =>
    labels.dims.length === rank ? labels : uniform(rank, labels.ids[0]),
  );
  const sizes = ranked.map((labels, i) =>
    labels.dims[axis] > 1 ? labels.dims[axis] : (context.inShape(i)?.[axis] ?? -1),
  );
  if (sizes.includes(-1)) return null;
  return one(concatLabels(sets, ranked, axis, sizes));
};

export const split: Rule = (context) => {
  const {
    node,
    sets,
    inputs: [x],
  } = context;
  if (!x) return null;
  const axis = axisOf(intAttribute(node, "axis", 0), x.dims.length);
  if (axis === null) return null;
  if (x.dims[axis] === 1) return node.outputs.map(() => x);
  const equal = Math.ceil(x.dims[axis] / node.outputs.length);
  const explicit = intsAttribute(node, "split") ?? context.integers(1);
  if (explicit === undefined && context.outShape(0) === null) return null;
  let start = 0;
  return all(
    node.outputs.map((_, i) => {
      const size =
        context.outShape(i)?.[axis] ?? explicit?.[i] ?? Math.min(equal, x.dims[axis] - start);
      const begin = start;
      start += size;
      return remapAxis(sets, x, axis, size, (k) => [begin + k]);
    }),
  );
};

export const slice: Rule = (context) => {
  const {
    node,
    sets,
    inputs: [x],
  } = context;
  if (!x) return null;
  const starts = intsAttribute(node, "starts") ?? context.integers(1);
  const ends = intsAttribute(node, "ends") ?? context.integers(2);
  if (isUniform(x)) return [x];
  if (!starts || !ends) return null;
  const axesInput = intsAttribute(node, "axes") ?? context.integers(3);
  const stepsInput = context.integers(4);
  if (axesInput === undefined || stepsInput === undefined) return null;
  const axes = axesOf(axesInput ?? range(starts.length), x.dims.length);
  const steps = stepsInput ?? starts.map(() => 1);
  if (!axes || [starts, ends, steps].some((list) => list.length !== axes.length)) return null;
  if (steps.includes(0)) return null;
  let labels: Labels | null = x;
  for (const [i, axis] of axes.entries()) {
    if (!labels || labels.dims[axis] === 1) continue;
    const picked = sliceIndices(labels.dims[axis], starts[i], ends[i], steps[i]);
    labels = remapAxis(sets, labels, axis, picked.length, (k) => [picked[k]]);
  }
  return one(labels);
};

/** Python's slicing, which ONNX follows. */
function sliceIndices(size: number, start: number, end: number, step: number): number[] {
  const clamp = (bound: number, low: number, high: number) =>
    Math.max(low, Math.min(high, bound < 0 ? bound + size : bound));
  const picked: number[] = [];
  if (step > 0)
    for (let i = clamp(start, 0, size); i < clamp(end, 0, size); i += step) picked.push(i);
  if (step < 0)
    for (let i = clamp(start, 0, size - 1); i > clamp(end, -1, size - 1); i += step) picked.push(i);
  return picked;
}

export const gather: Rule = (context) => {
  const {
    node,
    sets,
    inputs: [x, indexLabels],
  } = context;
  if (!x) return null;
  const axis = axisOf(intAttribute(node, "axis", 0), x.dims.length);
  const indexShape = context.inShape(1);
  if (axis === null || !indexShape) return null;
  const indices = context.integers(1);
  if (x.dims[axis] === 1 || !indices) {
    const united = unite(sets, x, [axis]);
    const dims = united.dims.toSpliced(axis, 1, ...indexShape.map(() => 1));
    // With indices from data any element may be picked, and the indices themselves tell something.
    const spread = { dims, ids: united.ids };
    return one(
      indexLabels
        ? combine(sets, [spread, uniform(dims.length, sets.unionAll(indexLabels.ids))])
        : spread,
    );
  }
  if (indices.length !== product(indexShape)) return null;
  const size = x.dims[axis];
  const picked = remapAxis(sets, x, axis, indices.length, (k) => [positive(indices[k], size)]);
  if (!picked) return null;
  const along = picked.dims[axis] === 1 ? indexShape.map(() => 1) : indexShape;
  return [{ dims: picked.dims.toSpliced(axis, 1, ...along), ids: picked.ids }];
};

/** Zeros put around space leave it uniform; zeros put beside the channels are channels of their own. */
export const pad: Rule = (context) => {
  const {
    node,
    sets,
    inputs: [x],
  } = context;
  if (!x) return null;
  const pads =
    intsAttribute(node, "pads") ?? intsAttribute(node, "paddings") ?? context.integers(1);
  const axesInput = context.integers(3);
  if (!pads || axesInput === undefined) return null;
  const axes = axesOf(axesInput ?? range(x.dims.length), x.dims.length);
  if (!axes || pads.length !== 2 * axes.length) return null;
  const mode = stringAttribute(node, "mode", "constant");
  let labels: Labels | null = x;
  for (const [i, axis] of axes.entries()) {
    const [begin, end] = [pads[i], pads[i + axes.length]];
    if (!labels || (begin === 0 && end === 0)) continue;
    if (labels.dims[axis] === 1) {
      const channels = context.inShape(0)?.[1];
      if (axis !== 1 || mode !== "constant" || channels === undefined) continue;
      labels = expandTo(labels, labels.dims.with(1, channels));
      if (!labels) return null;
    }
    const size = labels.dims[axis];
    labels = remapAxis(sets, labels, axis, size + begin + end, (k) => [
      padSource(k - begin, size, mode),
    ]);
  }
  return one(labels);
};

function padSource(i: number, size: number, mode: string): number {
  if (mode === "edge") return Math.max(0, Math.min(size - 1, i));
  if (mode === "wrap") return ((i % size) + size) % size;
  if (mode !== "reflect") return i;
  const period = 2 * (size - 1) || 1;
  const folded = ((i % period) + period) % period;
  return folded < size ? folded : period - folded;
}

/** Space may grow or shrink; what changes along a resized axis is not followed. */
export const resize: Rule = (context) => {
  const {
    inputs: [x],
  } = context;
  if (!x) return null;
  const [from, to] = [context.inShape(0), context.outShape(0)];
  const moved = x.dims.some(
    (size, axis) => size !== 1 && (from && to ? from[axis] !== to[axis] : axis >= 2),
  );
  return moved ? null : [x];
};

export const tile: Rule = (context) => {
  const {
    sets,
    inputs: [x],
  } = context;
  if (!x) return null;
  const repeats = context.integers(1);
  if (isUniform(x)) return [x];
  if (repeats?.length !== x.dims.length) return null;
  let labels: Labels | null = x;
  for (const axis of range(x.dims.length)) {
    if (!labels || labels.dims[axis] === 1 || repeats[axis] === 1) continue;
    const size = labels.dims[axis];
    labels = remapAxis(sets, labels, axis, size * repeats[axis], (k) => [k % size]);
  }
  return one(labels);
};

export const expand: Rule = ({ sets, inputs: [x], ...context }) => {
  const to = context.outShape(0);
  return x && to ? one(combine(sets, [x, uniform(to.length, 0)])) : null;
};

export const depthToSpace: Rule = (context) => {
  const [n, c, h, w] = context.inShape(0) ?? [];
  const b = intAttribute(context.node, "blocksize", 1);
  const crd = stringAttribute(context.node, "mode", "DCR") === "CRD";
  const small = c / (b * b);
  const split = crd ? [n, small, b, b, h, w] : [n, b, b, small, h, w];
  return rearrange(context, split, crd ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]);
};

export const spaceToDepth: Rule = (context) => {
  const [n, c, h, w] = context.inShape(0) ?? [];
  const b = intAttribute(context.node, "blocksize", 1);
  return rearrange(context, [n, c, h / b, b, w / b, b], [0, 3, 5, 1, 2, 4]);
};

/** Reshape, transpose, reshape. */
function rearrange(context: RuleContext, split: readonly number[], perm: readonly number[]) {
  const [from, to] = [context.inShape(0), context.outShape(0)];
  const x = context.inputs[0];
  if (!x || !from || !to) return null;
  const apart = reshapeLabels(x, from, split);
  if (!apart) return null;
  const moved = transposeLabels(apart, perm);
  return one(
    reshapeLabels(
      moved,
      perm.map((axis) => split[axis]),
      to,
    ),
  );
}

function all(list: readonly (Labels | null)[]): readonly Labels[] | null {
  return list.every((labels) => labels !== null) ? (list as readonly Labels[]) : null;
}
