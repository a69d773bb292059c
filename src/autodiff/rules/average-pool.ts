import { intAttribute, intsAttribute } from "../../graph/index.js";
import { product, range } from "../../util/math.js";
import type { GradientBuilder } from "../gradient-builder.js";
import type { Rule, RuleContext } from "../rule.js";
import type { Term } from "../term.js";
import { cutPadding, reachOf, type Windows, windowsOf } from "./window.js";

/** AveragePool: each input of a window gets its share; padding counts only with `count_include_pad`. */
export const averagePool: Rule = (context) => {
  const { g, dy } = context;
  const windows = poolWindows(context);
  const shape = context.inputs[0]!.shape;
  return [() => spreadEvenly(g, g.div(dy, windowCounts(context, windows)), shape, windows)];
};

/** y = (sum |x|^p)^(1/p), so dx = sign(x) |x|^(p-1) y^(1-p) dy, and 0 where a window is all zeros. */
export const lpPool: Rule = (context) => {
  const {
    g,
    node,
    inputs: [x],
    outputs: [y],
    dy,
  } = context;
  const p = intAttribute(node, "p", 2);
  const windows = poolWindows(context);
  return [
    () => {
      const isZero = g.indicator("Equal", y!, 0);
      const shares = g.div(dy, g.pow(g.add(y!, isZero), p - 1));
      const powers = g.mul(g.unary("Sign", x!), g.pow(g.unary("Abs", x!), p - 1));
      return g.mul(powers, spreadEvenly(g, shares, x!.shape, windows));
    },
  ];
};

export const globalAveragePool: Rule = ({ g, inputs: [x], dy }) => [
  () => g.expand(g.div(dy, product(x!.shape.slice(2))), x!.shape),
];

function poolWindows({ node, inputs: [x] }: RuleContext): Windows {
  return windowsOf(node, intsAttribute(node, "kernel_shape")!, x!.shape.slice(2));
}

/** How many elements each window divides by, `[1, 1, ...out]`. */
function windowCounts({ g, node, inputs: [x], dy }: RuleContext, windows: Windows): Term {
  const { kernel, strides, dilations, before, after } = windows;
  const countsPadding = intAttribute(node, "count_include_pad", 0) === 1;
  const alongAxes = kernel.map((taps, i) => {
    const size = x!.shape[i + 2];
    const [low, high] = countsPadding ? [-before[i], size + after[i]] : [0, size];
    return range(dy.shape[i + 2]).map((window) => {
      const first = window * strides[i] - before[i];
      const places = range(taps).map((tap) => first + tap * dilations[i]);
      return places.filter((place) => place >= low && place < high).length;
    });
  });
  const counts = alongAxes.reduce((all, axis) => all.flatMap((a) => axis.map((b) => a * b)), [1]);
  return g.floats(counts, [1, 1, ...dy.shape.slice(2)]);
}

/** Gives each element the sum of the `parts [N, C, ...out]` of the windows that see it. */
function spreadEvenly(
  g: GradientBuilder,
  parts: Term,
  [n, c, ...size]: readonly number[],
  windows: Windows,
): Term {
  const { kernel, strides, dilations } = windows;
  const out = parts.shape.slice(2);
  const inputs = [g.reshape(parts, [n * c, 1, ...out]), g.full([1, 1, ...kernel], 1)];
  const shape = [n * c, 1, ...reachOf(windows, out)];
  const spread = g.op("ConvTranspose", inputs, { strides, dilations }, shape);
  return g.reshape(cutPadding(g, spread, size, windows), [n, c, ...size]);
}
