import { floatAttribute, intAttribute, isOp, type Node } from "../../graph/index.js";
import { convAttributes, isConvolution } from "../../ops/index.js";
import { product } from "../../util/math.js";

/**
 * How many positions of its input a node makes one position of its output of, along an axis on average:
 * 2 for stride 2, 1/2 for a transposed convolution of stride 2, 1 for what keeps the size. Null when only
 * the numbers of a constant would tell.
 */
export function windowStride(node: Node): number | null {
  if (isOp(node, "ConvTranspose", "MaxUnpool")) return 1 / meanStride(node);
  if (isConvolution(node) || isOp(node, "MaxPool", "AveragePool", "LpPool"))
    return meanStride(node);
  if (isOp(node, "SpaceToDepth")) return intAttribute(node, "blocksize", 1);
  if (isOp(node, "DepthToSpace")) return 1 / intAttribute(node, "blocksize", 1);
  if (isOp(node, "Resize", "Upsample", "GridSample")) return upsampleStride(node);
  return 1;
}

function meanStride(node: Node): number {
  const strides = convAttributes(node).strides ?? [];
  return strides.length === 0 ? 1 : geometricMean(strides);
}

/** Until opset 8, Upsample had its factors as an attribute, or as two. */
function upsampleStride(node: Node): number | null {
  const scales = node.attributes.get("scales");
  if (scales?.type === "floats" && scales.value.length > 2)
    return 1 / geometricMean(scales.value.slice(2));
  const [height, width] = ["height_scale", "width_scale"].map((name) =>
    floatAttribute(node, name, undefined),
  );
  return height && width ? 1 / geometricMean([height, width]) : null;
}

function geometricMean(numbers: readonly number[]): number {
  return Math.abs(product(numbers)) ** (1 / numbers.length) || 1;
}
