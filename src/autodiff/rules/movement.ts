import { intAttribute, intsAttribute, stringAttribute } from "../../graph/index.js";
import { range } from "../../util/math.js";
import type { Rule } from "../rule.js";
import { fromStart } from "./axis.js";

/** Operators that only move elements: the gradient moves back. */

/** Reshape, Flatten, Squeeze, Unsqueeze. */
export const reshape: Rule = ({ g, inputs: [x], dy }) => [() => g.reshape(dy, x!.shape)];

export const transpose: Rule = ({ g, node, dy }) => {
  const perm = intsAttribute(node, "perm") ?? range(dy.shape.length).reverse();
  const inverse = perm.map((_, axis) => perm.indexOf(axis));
  return [() => g.transpose(dy, inverse)];
};

export const expand: Rule = ({ g, inputs: [x], dy }) => [() => g.sumTo(dy, x!.shape)];

export const concat: Rule = ({ g, node, inputs, dy }) => {
  const axis = fromStart(intAttribute(node, "axis", 1), dy.shape.length);
  let end = 0;
  return inputs.map((x) => {
    const start = end;
    end += x!.shape[axis];
    const bound = { axis, start, end };
    return () => g.slice(dy, [bound]);
  });
};

/** Parts the loss does not depend on count as zeros. */
export const split: Rule = ({ g, node, inputs: [x], dys, integers }) => {
  const axis = fromStart(intAttribute(node, "axis", 0), x!.shape.length);
  const total = x!.shape[axis];
  const even = Math.ceil(total / dys.length);
  const sizes =
    intsAttribute(node, "split") ??
    integers(1) ??
    dys.map((_, i) => Math.max(0, Math.min(even, total - i * even)));
  return [
    () =>
      g.concat(
        dys.map((dy, i) => dy ?? g.full(x!.shape.with(axis, sizes[i]), 0)),
        axis,
      ),
  ];
};

export const tile: Rule = ({ g, inputs: [x], dy, integers }) => {
  const repeats = integers(1)!;
  return [
    () => {
      const apart = x!.shape.flatMap((size, axis) => [repeats[axis], size]);
      const copies = range(x!.shape.length).map((axis) => 2 * axis);
      return g.sumAway(g.reshape(dy, apart), copies);
    },
  ];
};

/** DepthToSpace, `[N, C, H, W] -> [N, C/b², H b, W b]`. */
export const depthToSpace: Rule = ({ g, node, inputs: [x], dy }) => {
  const block = intAttribute(node, "blocksize", 1);
  const [n, c, h, w] = x!.shape;
  const channelFirst = stringAttribute(node, "mode", "DCR") === "CRD";
  return [
    () => {
      const apart = g.reshape(dy, [n, c / block ** 2, h, block, w, block]);
      const back = g.transpose(apart, channelFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]);
      return g.reshape(back, x!.shape);
    },
  ];
};

/** SpaceToDepth, `[N, C, H, W] -> [N, b² C, H/b, W/b]`. */
export const spaceToDepth: Rule = ({ g, node, inputs: [x], dy }) => {
  const block = intAttribute(node, "blocksize", 1);
  const [n, c, h, w] = x!.shape;
  return [
    () => {
      const apart = g.reshape(dy, [n, block, block, c, h / block, w / block]);
      return g.reshape(g.transpose(apart, [0, 3, 4, 1, 5, 2]), x!.shape);
    },
  ];
};
