import { intAttribute, intsAttribute, type Node, stringAttribute } from "../../graph/index.js";
import { range } from "../../util/math.js";
import type { Rule } from "../rule.js";
import { weightGradient } from "./conv-weight.js";
import type { Windows } from "./window.js";

/**
 * ConvTranspose, any group count G, stride, dilation, padding and output padding, 1-d to 3-d.
 *
 *     x [N, C, ...in]   w [C, M/G, ...k]   b [M]   y, dy [N, M, ...out]
 *
 * It is the input gradient of a Conv that reads y and writes x with the same w, so:
 * dx: that Conv of dy.
 * dw: that Conv's weight gradient, dy in the place of its data and x in the place of its result.
 * db: dy summed over batch and space.
 */
export const convTranspose: Rule = ({ g, node, inputs: [x, w], dy }) => {
  const groups = intAttribute(node, "group", 1);
  const size = x!.shape.slice(2);
  const windows = transposedWindows(node, w!.shape.slice(2), size, dy.shape.slice(2));
  const { strides, dilations, before, after } = windows;
  return [
    () => {
      // What y has behind all that an x reached is shorter than a stride: no window starts there.
      const pads = [...before, ...after.map((pad) => Math.max(0, pad))];
      const attributes = { group: groups, strides, dilations, pads };
      return g.op("Conv", [dy, w!], attributes, x!.shape);
    },
    () => weightGradient(g, x!, dy, w!.shape, groups, windows),
    () => g.sumAway(dy, [0, ...range(2, dy.shape.length)]),
  ];
};

/**
 * The windows over y. The padding at the end is what is left: less than the attribute says where
 * `output_padding` or `output_shape` made y longer.
 */
function transposedWindows(
  node: Node,
  kernel: readonly number[],
  inSize: readonly number[],
  outSize: readonly number[],
): Windows {
  const strides = intsAttribute(node, "strides") ?? kernel.map(() => 1);
  const dilations = intsAttribute(node, "dilations") ?? kernel.map(() => 1);
  const outputPadding = intsAttribute(node, "output_padding") ?? kernel.map(() => 0);
  const reach = kernel.map(
    (size, i) => strides[i] * (inSize[i] - 1) + dilations[i] * (size - 1) + 1,
  );
  const autoPad = stringAttribute(node, "auto_pad", "NOTSET");
  const isDerived = autoPad.startsWith("SAME") || node.attributes.has("output_shape");
  const before = isDerived
    ? reach.map((size, i) => {
        const total = Math.max(0, size + outputPadding[i] - outSize[i]);
        return autoPad === "SAME_UPPER" ? Math.floor(total / 2) : Math.ceil(total / 2);
      })
    : (intsAttribute(node, "pads") ?? kernel.flatMap(() => [0, 0])).slice(0, kernel.length);
  const after = reach.map((size, i) => size - before[i] - outSize[i]);
  return { kernel, strides, dilations, before, after };
}
