import { divisors, product, range } from "../../util/math.js";
import type { GradientBuilder } from "../gradient-builder.js";
import { memoOf } from "../memo.js";
import type { Term } from "../term.js";
import { padForWindows, seenByTap, tapsOf, type Windows } from "./window.js";

/**
 * The weight gradient of a Conv: for each tap of the window, the product over batch and space of
 * `dy [N, M, ...out]` with the part of `x [N, C, ...in]` that the tap saw. `w [M, C/G, ...k]`.
 */
export function weightGradient(
  g: GradientBuilder,
  dy: Term,
  x: Term,
  w: readonly number[],
  groups: number,
  windows: Windows,
): Term {
  const pairs = canShiftBoth(dy, x, windows)
    ? shiftBoth(g, dy, x, windows)
    : cutEachTap(g, dy, x, windows);
  const products = productsOf(g, pairs, groups); // [M, C/G] a tap
  const [m, ins] = w;
  const stacked = g.concat(
    products.map((each) => g.reshape(each, [1, m, ins])),
    0,
  );
  return g.reshape(g.transpose(stacked, [1, 2, 0]), w);
}

/** What a tap multiplies: dy and x, of equal size in space. */
interface Pair {
  readonly dy: Term;
  readonly x: Term;
}

/** As the definition has it: dy stays, and each tap takes its part of the padded x. */
function cutEachTap(g: GradientBuilder, dy: Term, x: Term, windows: Windows): Pair[] {
  const out = dy.shape.slice(2);
  const padded = padForWindows(g, x, out, windows);
  return tapsOf(windows.kernel).map((tap) => ({
    dy,
    x: seenByTap(g, padded, tap, out, windows),
  }));
}

/**
 * To shift x one way is to shift dy the other way. So x is shifted along its last axis only and dy along
 * the others, and 2 k copies serve k * k taps. Copying is what a tap costs most: with one thread the
 * gradient of a 3x3 kernel takes 0.8 of the time (64 channels, 4 groups, 32x32; as fast at 16x16).
 */
function shiftBoth(g: GradientBuilder, dy: Term, x: Term, windows: Windows): Pair[] {
  const { kernel, dilations, before } = windows;
  const last = kernel.length - 1;
  const width = dy.shape[last + 2];
  const xs = range(kernel[last]).map((tap) => {
    const start = tap * dilations[last] - before[last];
    const moved = kernel.map((_, i) => (i === last ? -start : 0));
    const rest = kernel.map((_, i) => (i === last ? start + width - x.shape[i + 2] : 0));
    return g.pad(x, [0, 0, ...moved], [0, 0, ...rest]);
  });
  const dys = tapsOf(kernel.slice(0, last)).map((tap) => {
    const start = tap.map((at, i) => at * dilations[i] - before[i]);
    const rest = start.map((at, i) => x.shape[i + 2] - dy.shape[i + 2] - at);
    return g.pad(dy, [0, 0, ...start, 0], [0, 0, ...rest, 0]);
  });
  return dys.flatMap((dy) => xs.map((x) => ({ dy, x })));
}

/** How much longer than dy x may be: its rows that no window starts at are multiplied by zeros. */
const MOST_ROWS = 1.5;

/** Not where a step of the windows would spread dy out between zeros, or padding shift all of it away. */
function canShiftBoth(dy: Term, x: Term, windows: Windows): boolean {
  const { kernel, strides, dilations, before } = windows;
  const isShort = kernel.every((taps, i) => {
    const farthest = Math.max(before[i], dilations[i] * (taps - 1) - before[i]);
    return farthest < Math.min(x.shape[i + 2], dy.shape[i + 2]);
  });
  const rows = range(2, dy.shape.length - 1);
  const longer = product(rows.map((axis) => x.shape[axis] / dy.shape[axis]));
  return isShort && longer <= MOST_ROWS && strides.every((stride) => stride === 1);
}

/** Channels in one product: the runtime's matrix products are made for 16 and more. */
const PACKED = 16;

/**
 * dy x^T within each group, summed over batch and space: `[M, C/G]` a pair.
 *
 * Thin groups are multiplied several at once, and what they make of each other is thrown away: 32 groups
 * of 4 channels take 0.66 of the time four by four, 16 of 8 take 0.76 two by two (128 channels, 16x16). A
 * depthwise layer's are dot products, which need no company.
 */
function productsOf(g: GradientBuilder, pairs: readonly Pair[], groups: number): Term[] {
  const [{ dy, x }] = pairs;
  const [outs, ins] = [dy.shape[1] / groups, x.shape[1] / groups];
  const fitting = divisors(groups).filter((count) => count * Math.max(outs, ins) <= PACKED);
  const packed = Math.min(outs, ins) === 1 ? 1 : (fitting.at(-1) ?? 1);
  const rows = memoOf(rowsOf(g, pairs[0], groups / packed));
  return pairs.map((pair) => {
    const each = g.matMul(rows(pair.dy), rows(pair.x), { transB: true });
    const total = g.sum(each, range(each.shape.length - 3)); // [packs, packed * outs, packed * ins]
    if (packed === 1) return g.reshape(total, [groups * outs, ins]);
    const blocks = g.reshape(total, [groups / packed, packed, outs, packed, ins]);
    const diagonal = g.sum(g.mul(blocks, identity(g, packed)), [3]);
    return g.reshape(diagonal, [groups * outs, ins]);
  });
}

/**
 * What makes matrices of `[N, C, ...]`: one a pack and sample, `[N, packs, C/packs, space]`, whose products
 * are added; or one a pack, `[packs, C/packs, N * space]`, where the products of a sample are larger than
 * what they are made of (512 channels at 4x4: 0.23 of the time; 128 at 8x8, as fast).
 */
function rowsOf(g: GradientBuilder, { dy, x }: Pair, packs: number): (data: Term) => Term {
  const [n, m, ...size] = dy.shape;
  const space = product(size);
  const isFolded = (m * x.shape[1]) / packs > (m + x.shape[1]) * space;
  return (data) => {
    const channels = data.shape[1];
    const apart = g.reshape(data, [n, packs, channels / packs, space]);
    if (!isFolded) return apart;
    const turned = g.transpose(apart, [1, 2, 0, 3]);
    return g.reshape(turned, [packs, channels / packs, n * space]);
  };
}

/** 1 where the first and the third axis of `[packed, outs, packed, ins]` agree. */
function identity(g: GradientBuilder, packed: number): Term {
  const ones = range(packed * packed).map((i) => (i % (packed + 1) === 0 ? 1 : 0));
  return g.floats(ones, [packed, 1, packed, 1]);
}
