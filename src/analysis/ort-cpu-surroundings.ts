import { isStandardDomain, type Node } from "../graph/index.js";
import {
  type ConvShape,
  type Evidence,
  findTarget,
  type KernelPath,
  type PathPrediction,
} from "../groups/index.js";
import { convInputs } from "../ops/index.js";
import type { Convolution } from "./convolution.js";
import { elementType } from "./element-type.js";
import { isQuantised } from "./quantised.js";

const READ_BACK: Evidence = {
  level: "runtime",
  source:
    "onnxruntime/core/optimizer/nchwc_transformer.cc, TransformConv; " +
    "checked against the optimised graphs of ONNX Runtime 1.30",
};

/**
 * What decides on ONNX Runtime's CPU provider before the channels do: the operator, the element type,
 * where weight and bias come from. Null when none of them does.
 */
export function ortCpuSurroundings(
  convolution: Convolution,
  shape: ConvShape,
): PathPrediction | null {
  const { node } = convolution;
  const at = convInputs(node);
  const weight = node.inputs[at.weight];
  const bias = node.inputs[at.bias];

  if (node.op === "QLinearConv" || isQuantised(convolution))
    return findTarget("ort-cpu-int8").predict(shape);
  if (!isFloatOperator(node))
    return readBack("unknown", `${node.op} is not a float32 convolution: measure`);
  const dtype = weight ? elementType(weight) : undefined;
  if (dtype === "float16")
    return readBack(
      "unknown",
      "float16: a build without such kernels (x86) casts to float32 and back, others have their own: measure",
    );
  if (dtype !== undefined && dtype !== "float32")
    return readBack("unsupported", `there is no ${dtype} kernel for ${node.op}`);
  if (node.op === "ConvTranspose") return null;

  const outer = [weight, bias].find((value) => value && value.graph !== node.graph);
  if (outer)
    return readBack("slow", "its weights belong to the graph around the body it stands in");
  // The optimiser counts the inputs, and finds no constant behind an empty name.
  if (bias === null)
    return readBack("slow", "its bias is an input with an empty name; leave the input out instead");
  return null;
}

function readBack(path: KernelPath, reason: string): PathPrediction {
  return { path, reason, evidence: READ_BACK };
}

function isFloatOperator(node: Node): boolean {
  return isStandardDomain(node.domain)
    ? node.op === "Conv" || node.op === "ConvTranspose"
    : node.op === "FusedConv";
}
