import { intAttribute, isOp, type Node, type Value } from "../graph/index.js";
import { type DType, dtypeFromOnnx } from "../tensor/index.js";

/** Operators whose output has the element type of their first input. */
const TYPE_KEEPERS = [
  ..."Identity Transpose Reshape Flatten Squeeze Unsqueeze Slice Split Concat Expand Tile Pad".split(
    " ",
  ),
  ..."Add Sub Mul Div Neg Abs Sqrt Clip Relu LeakyRelu PRelu Sigmoid HardSigmoid HardSwish Tanh".split(
    " ",
  ),
  ..."Conv ConvTranspose Gemm MatMul BatchNormalization InstanceNormalization Softmax".split(" "),
  ..."MaxPool AveragePool GlobalAveragePool GlobalMaxPool ReduceMean Resize Dropout".split(" "),
];

/** Element type of a value, read off what makes it; undefined when nothing near it says so. */
export function elementType(start: Value): DType | undefined {
  for (let value: Value | null | undefined = start; value; ) {
    if (value.initializer) return value.initializer.dtype;
    if (value.type?.kind === "tensor") return value.type.dtype;
    const { producer }: Value = value;
    if (!producer) return undefined;
    const told = toldType(producer, value);
    if (told !== undefined) return told;
    value = sourceOf(producer);
  }
  return undefined;
}

/** What the node itself says, of its attributes and its name alone. */
function toldType(node: Node, output: Value): DType | undefined {
  if (isOp(node, "Constant")) {
    const attribute = node.attributes.get("value");
    return attribute?.type === "tensor" ? attribute.value.dtype : undefined;
  }
  if (isOp(node, "Cast")) return dtypeFromOnnx(intAttribute(node, "to", 0));
  if (isOp(node, "DynamicQuantizeLinear")) return output === node.outputs[1] ? "float32" : "uint8"; // codes, scale, zero
  if (isOp(node, "QuantizeLinear") && !node.inputs[2])
    return dtypeFromOnnx(intAttribute(node, "output_dtype", 0)) ?? "uint8";
  return undefined;
}

/** The input whose type the output has. */
function sourceOf(node: Node): Value | null | undefined {
  if (isOp(node, "QuantizeLinear")) return node.inputs[2]; // zero
  if (isOp(node, "DequantizeLinear")) return node.inputs[1]; // scale
  return isOp(node, ...TYPE_KEEPERS) ? node.inputs[0] : undefined;
}
