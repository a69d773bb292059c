import { intAttribute } from "../../graph/index.js";
import { product, range } from "../../util/math.js";
import type { Rule } from "../rule.js";
import { fromStart } from "./axis.js";

const INT64 = 7;

/**
 * Gather along an axis: each row picked gets its gradient back, and one picked more than once their sum.
 * ScatterND adds since opset 16; before, a matrix of ones says which rows were picked.
 */
export const gather: Rule = ({ g, node, inputs: [x, index], dy }) => {
  const axis = fromStart(intAttribute(node, "axis", 0), x!.shape.length);
  const size = x!.shape[axis];
  return [
    () => {
      const count = product(index!.shape);
      const [head, tail] = [x!.shape.slice(0, axis), x!.shape.slice(axis + 1)];
      const rows = g.reshape(dy, [...head, count, ...tail]);
      // Gather takes int32, too; ScatterND and OneHot do not.
      const places = g.reshape(g.op("Cast", [index!], { to: INT64 }, index!.shape), [count]);
      if (g.opset < 16) {
        const truths = [places, g.ints([size]), g.floats([0, 1])];
        return g.alongAxis(rows, axis, g.op("OneHot", truths, { axis: -1 }, [count, size]));
      }
      const axisFirst = [axis, ...range(x!.shape.length).filter((i) => i !== axis)];
      const zeros = g.full([size, ...head, ...tail], 0);
      const updates = [zeros, g.reshape(places, [count, 1]), g.transpose(rows, axisFirst)];
      const added = g.op("ScatterND", updates, { reduction: "add" }, zeros.shape);
      const back = axisFirst.map((_, i) => axisFirst.indexOf(i));
      return g.transpose(added, back);
    },
    null,
  ];
};
