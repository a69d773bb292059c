import { product, range } from "../../util/math.js";
import { type AtomSets, EMPTY, type SetId } from "./atom-sets.js";

/**
 * Which set of atoms each element of a tensor depends on. An axis along which nothing changes has size
 * 1, whatever its size in the tensor: after a convolution only the channel axis is longer.
 */
export interface Labels {
  readonly dims: readonly number[];
  /** A set for each element, row-major over `dims`. */
  readonly ids: Int32Array;
}

/** More labels than this are not worth following: the caller answers "unknown". */
const MOST_LABELS = 1 << 22;

export function uniform(rank: number, id: SetId): Labels {
  return { dims: Array(rank).fill(1), ids: Int32Array.of(id) };
}

/** Labels that change along one axis only. */
export function alongAxis(rank: number, axis: number, ids: ArrayLike<SetId>): Labels {
  const dims = Array(rank).fill(1);
  dims[axis] = ids.length;
  return simplify({ dims, ids: Int32Array.from(ids) });
}

export function isUniform(labels: Labels): boolean {
  return labels.ids.length === 1;
}

/** Does nothing here depend on anything followed? */
export function isEmpty(labels: Labels): boolean {
  return labels.ids.every((id) => id === EMPTY);
}

/** Gives back size 1 to every axis along which nothing changes; the labels themselves when there is none. */
export function simplify(labels: Labels): Labels {
  let { dims, ids } = labels;
  for (let axis = 0; axis < dims.length; axis++) {
    if (dims[axis] === 1) continue;
    const inner = product(dims.slice(axis + 1));
    const block = dims[axis] * inner;
    if (!repeats(ids, block, inner)) continue;
    const kept = new Int32Array(ids.length / dims[axis]);
    for (let from = 0, to = 0; from < ids.length; from += block, to += inner)
      kept.set(ids.subarray(from, from + inner), to);
    ids = kept;
    dims = dims.with(axis, 1);
  }
  return ids === labels.ids ? labels : { dims, ids };
}

function repeats(ids: Int32Array, block: number, inner: number): boolean {
  for (let i = 0; i < ids.length; i++)
    if (i % block >= inner && ids[i] !== ids[i - inner]) return false;
  return true;
}

/** Repeats labels along axes of size 1 up to `dims`. Null when that is too many, or does not fit. */
export function expandTo(labels: Labels, dims: readonly number[]): Labels | null {
  const size = product(dims);
  const fits =
    labels.dims.length === dims.length &&
    labels.dims.every((dim, axis) => dim === 1 || dim === dims[axis]);
  if (!fits || size > MOST_LABELS) return null;
  if (labels.ids.length === size) return { dims, ids: labels.ids };
  const ids = new Int32Array(size);
  const steps = rowMajorSteps(labels.dims);
  forEachIndex(dims, (index, at) => {
    let from = 0;
    for (let axis = 0; axis < dims.length; axis++)
      if (labels.dims[axis] !== 1) from += index[axis] * steps[axis];
    ids[at] = labels.ids[from];
  });
  return { dims, ids };
}

/**
 * Element by element, with broadcasting as ONNX has it (shapes aligned at their ends). Where one of the
 * list has it all already, the answer is that very one.
 */
export function combine(sets: AtomSets, list: readonly Labels[]): Labels | null {
  const rank = Math.max(...list.map((labels) => labels.dims.length));
  const aligned = list.map(({ dims, ids }) => ({
    dims: [...Array(rank - dims.length).fill(1), ...dims],
    ids,
  }));
  const dims = range(rank).map((axis) => Math.max(...aligned.map((labels) => labels.dims[axis])));
  if (aligned.some((labels) => labels.dims.some((dim, axis) => dim !== 1 && dim !== dims[axis])))
    return null;
  let result: Int32Array | null = null;
  for (const labels of aligned) {
    const expanded = expandTo(labels, dims);
    if (!expanded) return null;
    result =
      result === null ? expanded.ids : result.map((id, i) => sets.union(id, expanded.ids[i]));
  }
  if (!result) return null;
  const united = { dims, ids: result };
  return list.find((labels) => sameLabels(labels, united)) ?? simplify(united);
}

export function sameLabels(a: Labels, b: Labels): boolean {
  return sameNumbers(a.dims, b.dims) && sameNumbers(a.ids, b.ids);
}

function sameNumbers(a: ArrayLike<number>, b: ArrayLike<number>): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Unites along axes, which keep size 1; the labels themselves when they had it already. */
export function unite(sets: AtomSets, labels: Labels, axes: readonly number[]): Labels {
  let united = labels;
  for (const axis of axes)
    if (united.dims[axis] !== 1) united = uniteBlocks(sets, united, axis, united.dims[axis]);
  return simplify(united);
}

/** Unites each `size` neighbours along an axis, which `size` divides. */
export function uniteBlocks(sets: AtomSets, labels: Labels, axis: number, size: number): Labels {
  const { dims, ids } = labels;
  const inner = product(dims.slice(axis + 1));
  const united = new Int32Array(ids.length / size);
  for (let to = 0; to < united.length; to++) {
    const from = Math.floor(to / inner) * inner * size + (to % inner);
    united[to] = unionOf(sets, ids, from, inner, size);
  }
  return simplify({ dims: dims.with(axis, dims[axis] / size), ids: united });
}

function unionOf(
  sets: AtomSets,
  ids: Int32Array,
  from: number,
  step: number,
  count: number,
): SetId {
  let same = 1;
  while (same < count && ids[from + same * step] === ids[from]) same++;
  return same === count ? ids[from] : sets.unionAll(range(count).map((i) => ids[from + i * step]));
}

/** Repeats each element along an axis. Null when that is too many. */
export function repeatEach(labels: Labels, axis: number, times: number): Labels | null {
  const { dims, ids } = labels;
  if (ids.length * times > MOST_LABELS) return null;
  const inner = product(dims.slice(axis + 1));
  const repeated = new Int32Array(ids.length * times);
  for (let to = 0; to < repeated.length; to++) {
    const element = Math.floor(to / (inner * times));
    repeated[to] = ids[element * inner + (to % inner)];
  }
  return { dims: dims.with(axis, dims[axis] * times), ids: repeated };
}

/**
 * Element `i` of the new axis unites the old elements `sources(i)`; outside of the old ones is nothing.
 * Null when the new size is none, or too large.
 */
export function remapAxis(
  sets: AtomSets,
  labels: Labels,
  axis: number,
  newSize: number,
  sources: (i: number) => readonly number[],
): Labels | null {
  const size = labels.dims[axis];
  const inner = product(labels.dims.slice(axis + 1));
  const outer = product(labels.dims.slice(0, axis));
  if (!(newSize >= 0 && outer * inner * newSize <= MOST_LABELS)) return null;
  if (newSize === 0) return uniform(labels.dims.length, EMPTY);
  const ids = new Int32Array(outer * newSize * inner);
  for (let i = 0; i < newSize; i++) {
    const from = sources(i).filter((source) => source >= 0 && source < size);
    for (let o = 0; o < outer; o++) {
      for (let k = 0; k < inner; k++) {
        const at = (source: number) => labels.ids[(o * size + source) * inner + k];
        ids[(o * newSize + i) * inner + k] =
          from.length === 1 ? at(from[0]) : sets.unionAll(from.map(at));
      }
    }
  }
  return simplify({ dims: labels.dims.with(axis, newSize), ids });
}

/** Any change of every label. */
export function mapIds(labels: Labels, change: (id: SetId) => SetId): Labels {
  const known = new Map<SetId, SetId>();
  const ids = labels.ids.map((id) => {
    let changed = known.get(id);
    if (changed === undefined) {
      changed = change(id);
      known.set(id, changed);
    }
    return changed;
  });
  return simplify({ dims: labels.dims, ids });
}

export function transposeLabels(labels: Labels, perm: readonly number[]): Labels {
  const dims = perm.map((axis) => labels.dims[axis]);
  const steps = rowMajorSteps(labels.dims);
  const ids = new Int32Array(labels.ids.length);
  forEachIndex(dims, (index, at) => {
    let from = 0;
    for (let axis = 0; axis < perm.length; axis++) from += index[axis] * steps[perm[axis]];
    ids[at] = labels.ids[from];
  });
  return { dims, ids };
}

/**
 * Follows a reshape. Axes are matched in blocks of equal size, so `[N, C, H, W] -> [N, G, C/G, H, W]`
 * spreads the channels over two axes and leaves the others alone. Null when shapes do not fit.
 */
export function reshapeLabels(
  labels: Labels,
  from: readonly number[],
  to: readonly number[],
): Labels | null {
  const isShape = (dims: readonly number[]) =>
    dims.every((dim) => Number.isInteger(dim) && dim > 0);
  if (!isShape(from) || !isShape(to) || product(from) !== product(to)) return null;
  if (from.length !== labels.dims.length) return null;
  const expanded = [...labels.dims];
  const dims = Array(to.length).fill(1);
  for (const { ins, outs } of matchAxes(from, to)) {
    if (ins.every((axis) => labels.dims[axis] === 1)) continue;
    for (const axis of ins) expanded[axis] = from[axis];
    for (const axis of outs) dims[axis] = to[axis];
  }
  const spread = expandTo(labels, expanded);
  return spread && simplify({ dims, ids: spread.ids });
}

interface AxisBlock {
  readonly ins: readonly number[];
  readonly outs: readonly number[];
}

/** The finest blocks of neighbouring axes with equal products on both sides. */
function matchAxes(from: readonly number[], to: readonly number[]): AxisBlock[] {
  const blocks: AxisBlock[] = [];
  for (let i = 0, j = 0; i < from.length || j < to.length; ) {
    const ins: number[] = [];
    const outs: number[] = [];
    let inSize = 1;
    let outSize = 1;
    do {
      if ((inSize <= outSize && i < from.length) || j >= to.length) {
        inSize *= from[i];
        ins.push(i++);
      } else {
        outSize *= to[j];
        outs.push(j++);
      }
    } while (inSize !== outSize && (i < from.length || j < to.length));
    blocks.push({ ins, outs });
  }
  return blocks;
}

/** Each element of an axis unites all before it, itself included unless `exclusive`. */
export function accumulate(
  sets: AtomSets,
  labels: Labels,
  axis: number,
  { exclusive, reverse }: { exclusive: boolean; reverse: boolean },
): Labels {
  const { dims } = labels;
  const inner = product(dims.slice(axis + 1));
  const block = dims[axis] * inner;
  const ids = new Int32Array(labels.ids.length);
  for (
    let first = 0;
    first < ids.length;
    first += first % block === inner - 1 ? block - inner + 1 : 1
  ) {
    let sum: SetId = EMPTY;
    for (let i = 0; i < dims[axis]; i++) {
      const at = first + (reverse ? dims[axis] - 1 - i : i) * inner;
      const before = sum;
      sum = sets.union(sum, labels.ids[at]);
      ids[at] = exclusive ? before : sum;
    }
  }
  return simplify({ dims, ids });
}

/** Puts labels after each other along one axis; `sizes` are the parts' sizes there. */
export function concatLabels(
  sets: AtomSets,
  parts: readonly Labels[],
  axis: number,
  sizes: readonly number[],
): Labels | null {
  const total = sizes.reduce((sum, size) => sum + size, 0);
  let start = 0;
  const placed: Labels[] = [];
  for (const [p, part] of parts.entries()) {
    const begin = start;
    const full = expandTo(part, part.dims.with(axis, sizes[p]));
    if (!full) return null;
    const moved = remapAxis(sets, full, axis, total, (i) => [i - begin]);
    if (!moved) return null;
    placed.push(moved);
    start += sizes[p];
  }
  return combine(sets, placed);
}

function rowMajorSteps(dims: readonly number[]): number[] {
  const steps = Array(dims.length).fill(1);
  for (let axis = dims.length - 2; axis >= 0; axis--)
    steps[axis] = steps[axis + 1] * dims[axis + 1];
  return steps;
}

function forEachIndex(
  dims: readonly number[],
  visit: (index: readonly number[], at: number) => void,
): void {
  const index = Array(dims.length).fill(0);
  const size = product(dims);
  for (let at = 0; at < size; at++) {
    visit(index, at);
    for (let axis = dims.length - 1; axis >= 0; axis--) {
      if (++index[axis] < dims[axis]) break;
      index[axis] = 0;
    }
  }
}
