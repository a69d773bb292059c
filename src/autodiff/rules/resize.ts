import { intsAttribute, type Node, stringAttribute, type Value } from "../../graph/index.js";
import type { Attributes } from "../../ops/index.js";
import { sameShape } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { range } from "../../util/math.js";
import { printable } from "../../util/text.js";
import type { Rule, RuleContext } from "../rule.js";
import type { Term } from "../term.js";
import { fromStart } from "./axis.js";

/**
 * Resize and Upsample, nearest, linear or cubic, in every coordinate mode but `tf_crop_and_resize`. Each
 * axis is resized by a matrix `[in, out]`, which is what the same operator makes of an identity matrix: so
 * the runtime itself says what happens at borders and halves.
 */
export const resize: Rule = (context) => {
  const {
    g,
    node,
    inputs: [x],
    dy,
  } = context;
  refuseUnknown(node);
  const rank = x!.shape.length;
  const axes = (intsAttribute(node, "axes") ?? range(rank)).map((axis) => fromStart(axis, rank));
  if (sameShape(x!.shape, dy.shape)) return [() => dy];
  return [
    () =>
      axes.reduce((gradient, axis, place) => {
        const [size, out] = [x!.shape[axis], dy.shape[axis]];
        if (size === out && axis < 2 && rank > 2) return gradient; // batch and channels stay
        const matrix = resizedIdentity(context, size, out, place);
        return g.alongAxis(gradient, axis, g.transpose(matrix, [1, 0]));
      }, dy),
  ];
};

/**
 * `[in, out]`: one row an input element, the weights with which it enters the outputs. A height of 1 is
 * doubled on the side, because ONNX Runtime copies what keeps its size, whatever the scale.
 */
function resizedIdentity(
  { g, node, inputs }: RuleContext,
  size: number,
  out: number,
  place: number,
): Term {
  const identity = g.op("EyeLike", [g.full([size, size], 0)], { dtype: 1 }, [size, size]);
  const rows = g.reshape(identity, [size, 1, 1, size]);
  const write = (sizing: readonly (Term | Value | null)[]) => {
    const doubled = g.op(node.op, [rows, ...sizing], copiedAttributes(node), [size, 1, 2, out]);
    return g.reshape(g.slice(doubled, [{ axis: 2, start: 0, end: 1 }]), [size, out]);
  };

  const none = g.opset >= 13 ? null : g.floats([]); // an optional input, before opset 13 an empty one
  if (inputs[3]) return write([none, none, g.ints([size, 1, 2, out])]);
  const hasRoi = node.op === "Resize" && g.opset >= 11;
  const scale = g.slice(inputs[hasRoi ? 2 : 1]!, [{ axis: 0, start: place, end: place + 1 }]);
  const scales = g.concat([g.floats([1, 1, 2]), scale], 0);
  return write(hasRoi ? [none, scales] : [scales]);
}

/** All but those that name axes or say how sizes were found. */
function copiedAttributes(node: Node): Attributes {
  const left = new Set(["axes", "keep_aspect_ratio_policy"]);
  return Object.fromEntries([...node.attributes].filter(([name]) => !left.has(name)));
}

function refuseUnknown(node: Node): void {
  const mode = stringAttribute(node, "coordinate_transformation_mode", "half_pixel");
  const policy = stringAttribute(node, "keep_aspect_ratio_policy", "stretch");
  const unknown =
    mode === "tf_crop_and_resize"
      ? `coordinate_transformation_mode="${mode}"`
      : policy !== "stretch" && node.inputs[3] && `keep_aspect_ratio_policy="${printable(policy)}"`;
  if (unknown)
    throw new UsageError(
      `gradient of ${node.op} "${printable(node.label)}": no rule for ${unknown}`,
    );
}
