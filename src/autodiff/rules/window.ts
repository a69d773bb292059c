import type { Node } from "../../graph/index.js";
import { convAttributes, resolvePads } from "../../ops/index.js";
import { range } from "../../util/math.js";
import type { GradientBuilder } from "../gradient-builder.js";
import type { Term } from "../term.js";

/** How a window moves over the spatial axes, one number an axis. */
export interface Windows {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Padding at the begin of each axis, and at its end. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Windows of Conv and the poolings over `inSize`, `auto_pad` resolved. */
export function windowsOf(
  node: Node,
  kernel: readonly number[],
  inSize: readonly number[],
): Windows {
  const attributes = convAttributes(node);
  const axes = kernel.length;
  const pads = resolvePads(attributes, kernel, inSize);
  return {
    kernel,
    strides: attributes.strides ?? kernel.map(() => 1),
    dilations: attributes.dilations ?? kernel.map(() => 1),
    before: pads.slice(0, axes),
    after: pads.slice(axes),
  };
}

/** Every position in a window, the last axis fastest. */
export function tapsOf(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (taps, size) => taps.flatMap((tap) => range(size).map((at) => [...tap, at])),
    [[]],
  );
}

/** Elements from the first to the last that `count` windows see along each axis. */
export function reachOf(
  { kernel, strides, dilations }: Windows,
  count: readonly number[],
): number[] {
  return count.map((size, i) => (size - 1) * strides[i] + dilations[i] * (kernel[i] - 1) + 1);
}

/** What one tap of `count` windows sees of padded data `[N, C, ...]`: `[N, C, ...count]`. */
export function seenByTap(
  g: GradientBuilder,
  padded: Term,
  tap: readonly number[],
  count: readonly number[],
  { strides, dilations }: Windows,
): Term {
  const bounds = tap.map((at, i) => {
    const start = at * dilations[i];
    return { axis: i + 2, start, end: start + (count[i] - 1) * strides[i] + 1, step: strides[i] };
  });
  return g.slice(padded, bounds);
}

/** Pads `[N, C, ...]` so that `count` windows find an element under each tap. */
export function padForWindows(
  g: GradientBuilder,
  x: Term,
  count: readonly number[],
  windows: Windows,
  value = 0,
): Term {
  const reach = reachOf(windows, count);
  const { before } = windows;
  // With ceil_mode the last window may reach past the padding; where it reaches less, nothing is cut.
  const after = reach.map((size, i) => Math.max(0, size - before[i] - x.shape[i + 2]));
  return g.pad(x, [0, 0, ...before], [0, 0, ...after], value);
}

/** Cuts `[N, C, ...reach]`, which starts at the padding, down to `[N, C, ...size]` of the data itself. */
export function cutPadding(
  g: GradientBuilder,
  reached: Term,
  size: readonly number[],
  { before }: Windows,
): Term {
  const missing = size.map((count, i) => Math.max(0, before[i] + count - reached.shape[i + 2]));
  const grown = g.pad(reached, [0, 0, ...size.map(() => 0)], [0, 0, ...missing]);
  return g.slice(
    grown,
    size.map((count, i) => ({ axis: i + 2, start: before[i], end: before[i] + count })),
  );
}
