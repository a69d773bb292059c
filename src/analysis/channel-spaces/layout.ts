import { range, sum } from "../../util/math.js";

/**
 * Channels whose order is theirs alone. What turns out to be the same channels as others, or to be made of
 * parts that move apart, becomes those.
 */
export class Leaf {
  becomes: readonly Stretch[] | null = null;

  constructor(
    readonly size: number,
    public pinned: boolean,
  ) {}
}

/** The channels of a leaf in a row, each as `repeat` neighbours: `[c0 c0 c1 c1]`. */
export interface Stretch {
  readonly leaf: Leaf;
  readonly repeat: number;
}

/** What stands along one axis of a value. */
export interface Channels {
  readonly stretches: readonly Stretch[];
  /** Each channel stands for as many neighbours as it takes to fill the axis; how many is not known yet. */
  readonly isStretched: boolean;
}

/** An axis whose order is as it is, and whose size nobody said: batch, height, width. */
export const FIXED = "fixed";
export type Axis = typeof FIXED | Channels;

export function freshAxis(size: number): Channels {
  return axisOfLeaf(size, false);
}

/** An axis whose order is as it is, of known size. */
export function fixedAxis(size: number): Channels {
  return axisOfLeaf(size, true);
}

function axisOfLeaf(size: number, pinned: boolean): Channels {
  const stretches = size > 0 ? [{ leaf: new Leaf(size, pinned), repeat: 1 }] : [];
  return { stretches, isStretched: false };
}

/** The stretches of leaves that have not become others. */
export function resolve(stretches: readonly Stretch[]): readonly Stretch[] {
  if (stretches.every(({ leaf }) => leaf.becomes === null)) return stretches;
  return stretches.flatMap(({ leaf, repeat }): readonly Stretch[] => {
    if (!leaf.becomes) return [{ leaf, repeat }];
    leaf.becomes = resolve(leaf.becomes);
    return leaf.becomes.map((part) => ({ leaf: part.leaf, repeat: part.repeat * repeat }));
  });
}

/** How many elements stand along an axis; null when nobody knows. */
export function lengthOf(axis: Axis): number | null {
  if (axis === FIXED || axis.isStretched) return null;
  return sum(axis.stretches.map(lengthOfStretch));
}

function lengthOfStretch({ leaf, repeat }: Stretch): number {
  return leaf.size * repeat;
}

/** From now on the order along this axis stays as it is. */
export function pin(axis: Axis): void {
  if (axis !== FIXED) for (const { leaf } of resolve(axis.stretches)) leaf.pinned = true;
}

export function isPinned(axis: Axis): boolean {
  return axis === FIXED || resolve(axis.stretches).every(({ leaf }) => leaf.pinned);
}

/** Each element becomes `repeat` neighbours. */
export function repeated(axis: Axis, repeat: number): Axis {
  if (axis === FIXED || repeat === 1) return axis;
  if (repeat === 0) return fixedAxis(0);
  const stretches = resolve(axis.stretches).map((part) => ({
    leaf: part.leaf,
    repeat: part.repeat * repeat,
  }));
  return { stretches, isStretched: axis.isStretched };
}

/** Two axes carry the same channels in the same order. Where that cannot be said of them, both are pinned. */
export function unify(a: Axis, b: Axis): Axis {
  if (a === FIXED || b === FIXED) {
    pin(a);
    pin(b);
    return a === FIXED ? b : a;
  }
  if (a.isStretched !== b.isStretched) {
    const [stretched, plain] = a.isStretched ? [a, b] : [b, a];
    const repeat = lengthOf(plain)! / sum(stretched.stretches.map(lengthOfStretch));
    if (Number.isInteger(repeat))
      return unify(repeated({ ...stretched, isStretched: false }, repeat), plain);
    pin(a);
    pin(b);
    return plain;
  }
  // Stretched by the same factor if they are as many: both fill one axis.
  const lengths = [a, b].map(({ stretches }) => sum(stretches.map(lengthOfStretch)));
  const isAligned = lengths[0] === lengths[1] && align(a.stretches, b.stretches);
  if (!isAligned) {
    pin(a);
    pin(b);
  }
  return a;
}

/** Makes two rows of one length the same; false where their repeats cannot be brought together. */
function align(left: readonly Stretch[], right: readonly Stretch[]): boolean {
  for (;;) {
    const [a, b] = [resolve(left), resolve(right)];
    const at = a.findIndex((part, i) => part.leaf !== b[i].leaf || part.repeat !== b[i].repeat);
    if (at < 0) return true;
    // The longer of two becomes what stands beside it; of equals, the one with the smaller neighbourhoods.
    const [longer, beside] = isLonger(a[at], b[at]) ? [a[at], b.slice(at)] : [b[at], a.slice(at)];
    const length = lengthOfStretch(longer);
    let [count, covered] = [0, 0];
    while (covered < length) covered += lengthOfStretch(beside[count++]);
    const run = beside.slice(0, count);
    const fits =
      covered === length &&
      run.every(({ leaf, repeat }) => leaf !== longer.leaf && repeat % longer.repeat === 0);
    if (!fits) {
      const first = lengthOfStretch(run[0]);
      if (count === 1 || first % longer.repeat !== 0) return false;
      cutLeaf(longer.leaf, first / longer.repeat);
      continue;
    }
    if (longer.leaf.pinned) for (const { leaf } of run) leaf.pinned = true;
    longer.leaf.becomes = run.map(({ leaf, repeat }) => ({
      leaf,
      repeat: repeat / longer.repeat,
    }));
  }
}

function isLonger(a: Stretch, b: Stretch): boolean {
  const difference = lengthOfStretch(a) - lengthOfStretch(b);
  return difference > 0 || (difference === 0 && a.repeat < b.repeat);
}

function cutLeaf(leaf: Leaf, at: number): void {
  leaf.becomes = [at, leaf.size - at].map((size) => ({
    leaf: new Leaf(size, leaf.pinned),
    repeat: 1,
  }));
}

/** Cuts an axis into parts whose channels stay among themselves. */
export function cut(axis: Axis, sizes: readonly number[]): readonly Axis[] {
  if (axis === FIXED) return sizes.map(() => FIXED);
  const parts = sizes.map((size) => fixedAxis(size));
  const isCut = lengthOf(axis) === sum(sizes) && cutAt(axis.stretches, sizes);
  if (!isCut) {
    pin(axis);
    return parts;
  }
  const rest = [...resolve(axis.stretches)];
  return sizes.map((size): Axis => {
    const stretches: Stretch[] = [];
    for (let length = 0; length < size; length += lengthOfStretch(stretches.at(-1)!))
      stretches.push(rest.shift()!);
    return { stretches, isStretched: false };
  });
}

/** Sees to it that no stretch runs across the border of two parts; false where a repeat does. */
function cutAt(stretches: readonly Stretch[], sizes: readonly number[]): boolean {
  let border = 0;
  for (const size of sizes.slice(0, -1)) {
    border += size;
    let start = 0;
    const across = resolve(stretches).find((part) => {
      const isAcross = start < border && border < start + lengthOfStretch(part);
      if (!isAcross) start += lengthOfStretch(part);
      return isAcross;
    });
    if (!across) continue;
    if ((border - start) % across.repeat !== 0) return false;
    // A leaf that stands here twice is cut at both places, so that its parts stand for the whole cut.
    cutLeaf(across.leaf, (border - start) / across.repeat);
  }
  return true;
}

export function cutEqually(axis: Axis, parts: number): readonly Axis[] {
  const length = lengthOf(axis);
  if (length === null) pin(axis);
  return length === null
    ? range(parts).map(() => FIXED)
    : cut(axis, Array<number>(parts).fill(length / parts));
}

/** Axes one after the other. */
export function join(axes: readonly Axis[]): Axis {
  if (axes.some((axis) => lengthOf(axis) === null)) {
    axes.forEach(pin);
    return FIXED;
  }
  const stretches = (axes as readonly Channels[]).flatMap((axis) => resolve(axis.stretches));
  return { stretches, isStretched: false };
}

/** The axis that several become when they are flattened into one, the first of them outermost. */
export function flattenAxes(axes: readonly Axis[]): Axis {
  const long = axes.filter((axis) => lengthOf(axis) !== 1);
  if (long.length === 0) return fixedAxis(1);
  const [outer, ...inner] = long;
  if (inner.length === 0) return outer;
  const isPlain = outer !== FIXED && !outer.isStretched && inner.every(isPinned);
  if (!isPlain) {
    long.forEach(pin);
    return FIXED;
  }
  const lengths = inner.map(lengthOf);
  if (lengths.every((length) => length !== null))
    return repeated(
      outer,
      lengths.reduce((a, b) => a * b, 1),
    );
  return { stretches: outer.stretches, isStretched: true };
}
