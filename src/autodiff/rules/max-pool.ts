import { intsAttribute } from "../../graph/index.js";
import { product, range } from "../../util/math.js";
import type { GradientBuilder } from "../gradient-builder.js";
import type { Rule, RuleContext } from "../rule.js";
import type { Term } from "../term.js";
import {
  cutPadding,
  padForWindows,
  reachOf,
  seenByTap,
  tapsOf,
  type Windows,
  windowsOf,
} from "./window.js";

/** MaxPool: the gradient goes to the first of the largest elements of each window, as PyTorch's does. */
export const maxPool: Rule = (context) => {
  const { node, inputs } = context;
  const size = inputs[0]!.shape.slice(2);
  const windows = windowsOf(node, intsAttribute(node, "kernel_shape")!, size);
  return [() => (isApart(windows) ? putBack(context) : shareOut(context, windows))];
};

/** No element is seen by two windows. */
function isApart({ kernel, strides, dilations }: Windows): boolean {
  return kernel.every((size, i) => strides[i] > dilations[i] * (size - 1));
}

/** Each number to the one place it came from, which the runtime can tell: 0.5 of the time of {@link shareOut}. */
function putBack({ g, node, inputs: [x], dy }: RuleContext): Term {
  const attributes = Object.fromEntries(node.attributes);
  const [, places] = g.ops("MaxPool", [x!], attributes, [dy.shape, dy.shape]);
  // The places and the shape say all; from a window of more than one it would guess a shape, too.
  const kernel_shape = x!.shape.slice(2).map(() => 1);
  return g.op("MaxUnpool", [dy, places, g.ints(x!.shape)], { kernel_shape }, x!.shape);
}

/** Each tap of the window is compared with the maximum, and loses to the taps before it. */
function shareOut({ g, inputs: [x], outputs: [y], dy }: RuleContext, windows: Windows): Term {
  const out = dy.shape.slice(2);
  const padded = padForWindows(g, x!, out, windows, -Infinity);
  let free: Term | undefined; // 1 where no tap has won yet
  const parts = tapsOf(windows.kernel).map((tap) => {
    const equal = g.indicator("Equal", seenByTap(g, padded, tap, out, windows), y!);
    const wins = free ? g.mul(equal, free) : equal;
    free = free ? g.sub(free, wins) : g.sub(1, wins);
    return g.mul(wins, dy);
  });
  return scatterTaps(g, parts, x!.shape, windows);
}

/**
 * Adds `parts`, one a tap of the window, each `[N, C, ...out]`, into the places of the input that the taps
 * saw: a ConvTranspose a channel, with as many inputs as taps, each with a kernel of a single 1.
 */
function scatterTaps(
  g: GradientBuilder,
  parts: readonly Term[],
  [n, c, ...size]: readonly number[],
  windows: Windows,
): Term {
  const { kernel, strides, dilations } = windows;
  const out = parts[0].shape.slice(2);
  const taps = product(kernel);
  const apart = parts.map((part) => g.reshape(part, [n * c, 1, ...out]));
  const identity = range(taps * taps).map((i) => (i % (taps + 1) === 0 ? 1 : 0));
  const weights = g.floats(identity, [taps, 1, ...kernel]);
  const shape = [n * c, 1, ...reachOf(windows, out)];
  const inputs = [g.concat(apart, 1), weights];
  const scattered = g.op("ConvTranspose", inputs, { strides, dilations }, shape);
  return g.reshape(cutPadding(g, scattered, size, windows), [n, c, ...size]);
}

/** Equal winners share, as in ReduceMax. */
export const globalMaxPool: Rule = ({ g, inputs: [x], outputs: [y], dy }) => [
  () => {
    const winners = g.indicator("Equal", x!, y!);
    return g.mul(g.div(winners, g.sum(winners, range(2, x!.shape.length))), dy);
  },
];
