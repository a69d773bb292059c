import { intAttribute, intsAttribute } from "../../graph/index.js";
import { range } from "../../util/math.js";
import {
  type Axis,
  cut,
  FIXED,
  fixedAxis,
  flattenAxes,
  join,
  lengthOf,
  pin,
  unify,
} from "./layout.js";
import { axisOf, broadcast, one, type Rule } from "./rule.js";
import { listAttributeOr } from "./rules-layers.js";

/** Operators that change elements one by one, or move them about. */

/** The first output has the first input's elements, in their places. */
export const keep: Rule = ({ node, axes }) => {
  const x = axes(0);
  return x && node.outputs.map((_, i) => (i === 0 ? x : null));
};

export const elementwise: Rule = ({ node, axes }) =>
  one(broadcast(node.inputs.flatMap((input, i) => (input ? [axes(i)] : []))));

/** Reads how large a value is, which no order changes. */
export const shape: Rule = ({ axes }) => {
  axes(0);
  return [null];
};

export const transpose: Rule = ({ node, axes }) => {
  const x = axes(0);
  if (!x) return null;
  const order = intsAttribute(node, "perm") ?? range(x.length).reverse();
  const isOrder = order.length === x.length && range(x.length).every((i) => order.includes(i));
  return isOrder ? [order.map((axis) => x[axis])] : null;
};

export const concat: Rule = ({ node, axes }) => {
  const parts = node.inputs.map((_, i) => axes(i));
  const rank = parts[0]?.length ?? 0;
  const axis = axisOf(intAttribute(node, "axis", 1), rank);
  const isSound = parts.every((part) => part?.length === rank);
  if (axis === null || !isSound) return null;
  const sound = parts as (readonly Axis[])[];
  const joined = join(sound.map((part) => part[axis]));
  return [
    range(rank).map((i) =>
      i === axis ? joined : sound.map((part) => part[i]).reduce((a, b) => unify(a, b)),
    ),
  ];
};

export const split: Rule = ({ node, axes, integers }) => {
  const x = axes(0);
  const axis = x && axisOf(intAttribute(node, "axis", 0), x.length);
  const given = listAttributeOr(integers, node.attributes.get("split"), 1);
  if (!x || axis === null || given === undefined) return null;
  const length = lengthOf(x[axis]);
  if (length === null) {
    pin(x[axis]);
    return node.outputs.map(() => x.with(axis as number, FIXED));
  }
  const equal = Math.ceil(length / node.outputs.length);
  const sizes =
    given ?? node.outputs.map((_, i) => Math.max(0, Math.min(equal, length - i * equal)));
  if (sizes.some((size) => size < 1)) return null;
  return cut(x[axis], sizes).map((part) => x.with(axis as number, part));
};

/** Cuts along axes that have an order; of channels it takes a run in a row. */
export const slice: Rule = ({ node, axes, integers }) => {
  const x = axes(0);
  const [starts, ends, on] = ["starts", "ends", "axes"].map((name, i) =>
    listAttributeOr(integers, node.attributes.get(name), i + 1),
  );
  const steps = integers(4);
  if (!x || !starts || !ends || on === undefined || steps === undefined) return null;
  let y = x;
  for (const [i, start] of starts.entries()) {
    const axis = axisOf(on?.[i] ?? i, x.length);
    if (axis === null || ends[i] === undefined) return null;
    const length = lengthOf(y[axis]);
    const bound = (at: number) =>
      Math.max(0, Math.min(length ?? 0, at < 0 ? at + (length ?? 0) : at));
    const [from, to] = [bound(start), bound(ends[i])];
    if (length === null || (steps?.[i] ?? 1) !== 1 || from >= to) {
      pin(y[axis]);
      y = y.with(axis, FIXED);
    } else if (to - from < length) {
      const sizes = [from, to - from, length - to];
      const parts = cut(
        y[axis],
        sizes.filter((size) => size > 0),
      );
      y = y.with(axis, parts[from > 0 ? 1 : 0]);
    }
  }
  return [y];
};

/** Pads space; channels beside the channels have a place of their own. */
export const pad: Rule = ({ node, axes, integers }) => {
  const x = axes(0);
  const pads = listAttributeOr(integers, node.attributes.get("pads"), 1);
  const on = integers(3);
  if (!x || !pads || on === undefined) return null;
  const padded = (on ?? range(x.length)).map((axis) => axisOf(axis, x.length));
  const isPadded = (axis: number) =>
    padded.some((p, i) => p === axis && (pads[i] !== 0 || pads[i + padded.length] !== 0));
  return [
    x.map((axis, i) => {
      if (!isPadded(i)) return axis;
      pin(axis);
      return FIXED;
    }),
  ];
};

/** Keeps the channels where their scale is given, and 1; `Upsample` gives it as input 1. */
export const resize: Rule = ({ node, axes, integers, floats }) => {
  const x = axes(0);
  if (!x || x.length < 3) return null;
  const scales = floats(node.op === "Resize" && node.inputs.length > 2 ? 2 : 1);
  const sizes = node.op === "Resize" ? integers(3) : null;
  const on = intsAttribute(node, "axes") ?? range(x.length);
  const at = on.findIndex((axis) => axisOf(axis, x.length) === 1);
  const length = lengthOf(x[1]);
  const keepsChannels =
    at < 0 ||
    (scales?.length === on.length && scales[at] === 1) ||
    (sizes?.length === on.length && length !== null && sizes[at] === length);
  if (!keepsChannels) return null;
  x.forEach((axis, i) => {
    if (i !== 1) pin(axis);
  });
  return [x.map((axis, i) => (i === 1 ? axis : FIXED))];
};

/** All axes before `axis` become one, and all from there on another. */
export const flatten: Rule = ({ node, axes }) => {
  const x = axes(0);
  if (!x || x.length === 0) return null;
  const given = intAttribute(node, "axis", 1);
  const axis = given === x.length ? given : axisOf(given, x.length);
  return axis === null ? null : [[flattenAxes(x.slice(0, axis)), flattenAxes(x.slice(axis))]];
};

/**
 * Knows two reshapes: one that keeps the first axis and makes one of all others, and one that sets a single
 * axis among axes of one element.
 */
export const reshape: Rule = ({ node, axes, integers }) => {
  const x = axes(0);
  const shape = listAttributeOr(integers, node.attributes.get("shape"), 1);
  if (!x || !shape || intAttribute(node, "allowzero", 0) !== 0) return null;
  const long = x.filter((axis) => lengthOf(axis) !== 1);
  if (long.length === 1) {
    const length = lengthOf(long[0]);
    const isLong = (dim: number) => dim === -1 || dim === length;
    const places = shape.flatMap((dim, i) => (dim === 1 ? [] : [i]));
    if (places.length === 1 && isLong(shape[places[0]]))
      return [shape.map((_, i) => (i === places[0] ? long[0] : fixedAxis(1)))];
  }
  if (shape.length !== 2 || x.length < 2) return null;
  const rest = x.slice(1).map(lengthOf);
  const size = rest.every((length) => length !== null) ? rest.reduce((a, b) => a * b, 1) : null;
  const keepsFirst =
    shape[0] === 0 ||
    (shape[0] > 0 && shape[0] === lengthOf(x[0])) ||
    (shape[0] === -1 && size !== null && shape[1] === size);
  return keepsFirst ? [[x[0], flattenAxes(x.slice(1))]] : null;
};

export const squeeze: Rule = ({ node, axes, integers }) => {
  const x = axes(0);
  const given = listAttributeOr(integers, node.attributes.get("axes"), 1);
  if (!x || !given) return null;
  const gone = given.map((axis) => axisOf(axis, x.length));
  return [x.filter((_, i) => !gone.includes(i))];
};

export const unsqueeze: Rule = ({ node, axes, integers }) => {
  const x = axes(0);
  const given = listAttributeOr(integers, node.attributes.get("axes"), 1);
  if (!x || !given) return null;
  const rank = x.length + given.length;
  const added = given.map((axis) => axisOf(axis, rank));
  const rest = [...x];
  return [range(rank).map((i) => (added.includes(i) ? fixedAxis(1) : rest.shift()!))];
};
