import type { Rule } from "./rule.js";
import * as layers from "./rules-layers.js";
import * as move from "./rules-move.js";

function table(rule: Rule, ops: string): [string, Rule][] {
  return ops.split(/\s+/).map((op) => [op, rule]);
}

/**
 * What each operator of the standard set says of the order of its channels. One that is not here fixes the
 * order of all it reads.
 */
export const channelRules: Readonly<Record<string, Rule | undefined>> = Object.fromEntries([
  ...table(
    move.keep,
    `Identity Cast Dropout Relu LeakyRelu ThresholdedRelu Sigmoid HardSigmoid HardSwish Tanh Elu Selu Celu
     Softplus Softsign Mish Swish Gelu Erf Exp Log Sqrt Abs Neg Reciprocal Floor Ceil Round Sign Sin Cos Tan
     Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Not IsNaN IsInf Clip Shrink Softmax LogSoftmax`,
  ),
  ...table(
    move.elementwise,
    `Add Sub Mul Div Pow Mod Min Max Sum Mean And Or Xor Equal Greater Less GreaterOrEqual LessOrEqual Where
     PRelu`,
  ),
  ...table(layers.conv, "Conv"),
  ...table(layers.convTranspose, "ConvTranspose"),
  ...table(layers.channelNorm, "BatchNormalization InstanceNormalization"),
  ...table(layers.layerNorm, "LayerNormalization RMSNormalization"),
  ...table(layers.matMul, "MatMul"),
  ...table(layers.gemm, "Gemm"),
  ...table(layers.pool, "MaxPool AveragePool LpPool"),
  ...table(layers.globalPool, "GlobalAveragePool GlobalMaxPool GlobalLpPool"),
  ...table(
    layers.reduce,
    `ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp
     ReduceSumSquare`,
  ),
  ...table(move.shape, "Shape Size"),
  ...table(move.transpose, "Transpose"),
  ...table(move.concat, "Concat"),
  ...table(move.split, "Split"),
  ...table(move.slice, "Slice"),
  ...table(move.pad, "Pad"),
  ...table(move.resize, "Resize Upsample"),
  ...table(move.flatten, "Flatten"),
  ...table(move.reshape, "Reshape"),
  ...table(move.squeeze, "Squeeze"),
  ...table(move.unsqueeze, "Unsqueeze"),
]);
