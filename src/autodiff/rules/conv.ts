import { intAttribute } from "../../graph/index.js";
import { product, range } from "../../util/math.js";
import type { GradientBuilder } from "../gradient-builder.js";
import type { Rule } from "../rule.js";
import type { Term } from "../term.js";
import { weightGradient } from "./conv-weight.js";
import { reachOf, type Windows, windowsOf } from "./window.js";

/**
 * Conv, any group count G, stride, dilation and padding, 1-d to 3-d.
 *
 *     x [N, C, ...in]   w [M, C/G, ...k]   b [M]   y, dy [N, M, ...out]
 *
 * dx, stride 1: Conv of dy with w flipped in space and transposed within each group, which the runtime
 *     runs faster than ConvTranspose. Other strides: ConvTranspose, with `output_padding` for the rows no
 *     stride reached.
 * dw: for each tap of the window, the product over space of dy with the x that tap saw.
 * db: dy summed over batch and space.
 */
export const conv: Rule = ({ g, node, inputs: [x, w], dy }) => {
  const groups = intAttribute(node, "group", 1);
  const windows = windowsOf(node, w!.shape.slice(2), x!.shape.slice(2));
  return [
    () => inputGradient(g, dy, w!, x!.shape, groups, windows),
    () => weightGradient(g, dy, x!, w!.shape, groups, windows),
    () => g.sumAway(dy, [0, ...range(2, dy.shape.length)]),
  ];
};

function inputGradient(
  g: GradientBuilder,
  dy: Term,
  w: Term,
  x: readonly number[],
  groups: number,
  windows: Windows,
): Term {
  const { kernel, strides, dilations, before, after } = windows;
  const extent = kernel.map((size, i) => dilations[i] * (size - 1));
  const flippable =
    strides.every((stride) => stride === 1) &&
    before.every((pad, i) => pad <= extent[i]) &&
    after.every((pad, i) => pad <= extent[i]);
  if (flippable) {
    const pads = [...before, ...after].map((pad, i) => extent[i % kernel.length] - pad);
    return g.op("Conv", [dy, flipped(g, w, groups)], { group: groups, dilations, pads }, x);
  }
  const reach = reachOf(windows, dy.shape.slice(2));
  const attributes = {
    group: groups,
    strides,
    dilations,
    pads: [...before, ...after],
    output_padding: reach.map((size, i) => x[i + 2] + before[i] + after[i] - size),
  };
  return g.op("ConvTranspose", [dy, w], attributes, x);
}

/**
 * `[M, C/G, ...k] -> [C, M/G, ...k]`, each group's matrix transposed, taps in reverse order. The taps are put
 * in front for it, where all that moves are whole matrices: 0.25 of the time (512x256x3x3).
 */
function flipped(g: GradientBuilder, w: Term, groups: number): Term {
  const [m, ins, ...kernel] = w.shape;
  const taps = product(kernel);
  const inFront = g.transpose(g.reshape(w, [m * ins, taps]), [1, 0]);
  const turned = g.reshape(g.reverse(inFront, [0]), [taps, groups, m / groups, ins]);
  const swapped = g.transpose(turned, [0, 1, 3, 2]);
  const behind = g.transpose(g.reshape(swapped, [taps, m * ins]), [1, 0]);
  return g.reshape(behind, [groups * ins, m / groups, ...kernel]);
}
