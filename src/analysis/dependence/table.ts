import { intAttribute } from "../../graph/index.js";
import { range } from "../../util/math.js";
import { combine, isEmpty, isUniform, type Labels, uniform } from "./labels.js";
import { one, type Rule } from "./rule.js";
import * as move from "./rules-move.js";
import * as reduce from "./rules-reduce.js";
import * as window from "./rules-window.js";

/**
 * Which elements of a node's outputs depend on which of its inputs, one rule an operator, for the
 * standard operator set (opset 7 to 23) and a few of ONNX Runtime's own. "Depends" is structural: every
 * weight is taken to matter. An operator that is not here, and a rule that answers null, mean "unknown".
 */

/** The first output has the first input's elements, changed one by one; parameters are seldom data, and then one for all. */
const keep: Rule = ({ node, sets, inputs: [x, ...parameters] }) => {
  const fromData = parameters.filter((labels) => labels !== null && !isEmpty(labels)) as Labels[];
  if (!x || !fromData.every(isUniform)) return null;
  const labels = fromData.length === 0 ? x : combine(sets, [x, ...fromData]);
  return labels && node.outputs.map((_, i) => (i === 0 ? labels : null));
};

/** Whether to drop at all is no information of a channel. */
const dropout: Rule = ({ node, inputs: [x] }) =>
  x ? node.outputs.map((_, i) => (i === 0 ? x : null)) : null;

/** A norm whose scale or offset is made of data brings that data in, by a way that is not followed. */
function withFixedParameters(rule: Rule): Rule {
  return (context) => {
    const [, ...parameters] = context.inputs;
    return parameters.some((labels) => labels && !isEmpty(labels)) ? null : rule(context);
  };
}

const elementwise: Rule = ({ sets, inputs }) => {
  const read = inputs.filter((labels) => labels !== null);
  return read.length > 0 ? one(combine(sets, read)) : null;
};

/** Quantised operators of ONNX Runtime, whose data stand between scales and zero points. */
function quantized(rule: Rule, placesOf: (inputCount: number) => readonly number[]): Rule {
  return (context) => {
    if (intAttribute(context.node, "channels_last", 0) !== 0) return null;
    const places = placesOf(context.inputs.length);
    return rule({
      ...context,
      inputs: places.map((place) => context.inputs[place] ?? null),
      inShape: (index) => context.inShape(places[index]),
      integers: (index) => context.integers(places[index]),
    });
  };
}

/** Scale and zero point come from the range of all data: a measure of it, not information of a channel. */
const dynamicQuantize: Rule = ({ inputs: [x] }) => (x ? [x, uniform(0, 0), uniform(0, 0)] : null);

function table(rule: Rule, ops: string): [string, Rule][] {
  return ops.split(/\s+/).map((op) => [op, rule]);
}

export const dependenceRules: Readonly<Record<string, Rule | undefined>> = Object.fromEntries([
  ...table(
    keep,
    `Identity Cast Relu LeakyRelu ThresholdedRelu Sigmoid HardSigmoid HardSwish Tanh Elu Selu Celu
     Softplus Softsign Mish Swish Gelu Erf Exp Log Sqrt Abs Neg Reciprocal Floor Ceil Round Sign Sin Cos Tan
     Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Not IsNaN IsInf BitwiseNot Clip Shrink Bernoulli
     BatchNormalization QuantizeLinear DequantizeLinear Trilu
     com.microsoft.QuantizeLinear com.microsoft.DequantizeLinear com.microsoft.Gelu com.microsoft.FastGelu
     com.microsoft.QuickGelu`,
  ),
  ...table(dropout, "Dropout"),
  ...table(
    elementwise,
    `Add Sub Mul Div Pow Mod Min Max Sum Mean And Or Xor Equal Greater Less GreaterOrEqual LessOrEqual Where
     BitShift BitwiseAnd BitwiseOr BitwiseXor PRelu CastLike com.microsoft.BiasGelu`,
  ),
  ...table(window.conv, "Conv ConvTranspose ConvInteger QLinearConv com.microsoft.FusedConv"),
  ...table(window.pool, "MaxPool AveragePool LpPool"),
  ...table(window.globalPool, "GlobalAveragePool GlobalMaxPool GlobalLpPool"),
  ...table(
    reduce.reduce,
    `ReduceMean ReduceSum ReduceMax ReduceMin ReduceProd ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp
     ReduceSumSquare ArgMax ArgMin`,
  ),
  ...table(reduce.wholeAxis, "TopK"),
  ...table(reduce.cumulativeSum, "CumSum"),
  ...table(reduce.softmax, "Softmax LogSoftmax Hardmax"),
  ...table(
    withFixedParameters(reduce.layerNorm),
    "LayerNormalization RMSNormalization SimplifiedLayerNormalization",
  ),
  ...table(withFixedParameters(reduce.groupNorm), "GroupNormalization"),
  ...table(withFixedParameters(reduce.instanceNorm), "InstanceNormalization"),
  ...table(reduce.meanVarianceNorm, "MeanVarianceNormalization"),
  ...table(reduce.lpNorm, "LpNormalization"),
  ...table(reduce.localResponseNorm, "LRN"),
  ...table(reduce.matMul, "MatMul Gemm MatMulInteger com.microsoft.FusedMatMul"),
  ...table(move.reshape, "Reshape Flatten Squeeze Unsqueeze"),
  ...table(move.transpose, "Transpose"),
  ...table(move.concat, "Concat"),
  ...table(move.split, "Split"),
  ...table(move.slice, "Slice"),
  ...table(move.gather, "Gather"),
  ...table(move.pad, "Pad"),
  ...table(move.resize, "Resize Upsample"),
  ...table(move.tile, "Tile"),
  ...table(move.expand, "Expand"),
  ...table(move.depthToSpace, "DepthToSpace"),
  ...table(move.spaceToDepth, "SpaceToDepth"),
  ...table(reduce.recurrent, "LSTM GRU RNN"),
  ...table(dynamicQuantize, "DynamicQuantizeLinear"),
  ...table(
    quantized(keep, () => [0]),
    "com.microsoft.QLinearSigmoid com.microsoft.QLinearLeakyRelu",
  ),
  ...table(
    quantized(elementwise, () => [0, 3]),
    "com.microsoft.QLinearAdd com.microsoft.QLinearMul",
  ),
  ...table(
    quantized(window.pool, () => [0]),
    "com.microsoft.QLinearAveragePool",
  ),
  ...table(
    quantized(window.globalPool, () => [0]),
    "com.microsoft.QLinearGlobalAveragePool",
  ),
  ...table(
    quantized(move.concat, (count) => range(2, count).filter((place) => place % 3 === 2)),
    "com.microsoft.QLinearConcat",
  ),
  ...table(
    quantized(reduce.matMul, () => [0, 3]),
    "QLinearMatMul",
  ),
  ...table(
    quantized(reduce.matMul, () => [0, 3, 6]),
    "com.microsoft.QGemm",
  ),
]);
