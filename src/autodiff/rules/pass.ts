import { intAttribute } from "../../graph/index.js";
import { UsageError } from "../../util/errors.js";
import { printable } from "../../util/text.js";
import type { Rule } from "../rule.js";

/** Operators that pass elements on, or drop some. */

const FLOAT32 = 1;
const otherFloats = new Map([
  [10, "float16"],
  [11, "float64"],
  [16, "bfloat16"],
]);

/** Cast to float32 passes the gradient on; whole numbers and truths have none. */
export const cast: Rule = ({ node, dy }) => {
  const to = intAttribute(node, "to", FLOAT32);
  const other = otherFloats.get(to);
  if (other)
    throw new UsageError(
      `gradient of Cast "${printable(node.label)}" to ${other}: only float32 has gradients`,
      { help: "Take the gradient of the float32 model, before it is converted." },
    );
  return [to === FLOAT32 ? () => dy : null];
};

/**
 * Dropout. In inference it passes its input on; in training y = x mask / (1 - ratio), with the mask of this
 * very run, so the node must write it (its second output).
 */
export const dropout: Rule = (context) => {
  const {
    g,
    node,
    inputs: [, ratio, training],
    outputs: [, mask],
    dy,
  } = context;
  if (!training) return [() => dy];
  if (!mask && context.integers(2)![0] === 0) return [() => dy, null, null];
  if (!mask)
    throw new UsageError(
      `gradient of Dropout "${printable(node.label)}": the node must write its mask, output 1`,
      { help: "Write Dropout with two outputs, or build the model for inference." },
    );
  return [
    () => {
      const scale = g.where(training, g.div(1, g.sub(1, ratio ?? 0.5)), 1);
      return g.mul(g.mul(dy, g.toFloat(mask)), scale);
    },
    null,
    null,
  ];
};
