import type { NoGradient, Rule } from "./rule.js";
import { stops } from "./rule.js";
import * as activation from "./rules/activation.js";
import * as arithmetic from "./rules/arithmetic.js";
import { averagePool, globalAveragePool, lpPool } from "./rules/average-pool.js";
import { conv } from "./rules/conv.js";
import { convTranspose } from "./rules/conv-transpose.js";
import * as elementary from "./rules/elementary.js";
import { gather } from "./rules/gather.js";
import { gemm, matMul } from "./rules/matmul.js";
import { globalMaxPool, maxPool } from "./rules/max-pool.js";
import * as movement from "./rules/movement.js";
import * as norm from "./rules/norm.js";
import { pad } from "./rules/pad.js";
import { cast, dropout } from "./rules/pass.js";
import * as reduce from "./rules/reduce.js";
import { resize } from "./rules/resize.js";
import { slice } from "./rules/slice.js";
import { logSoftmax, softmax } from "./rules/softmax.js";

const stepwise = stops("is piecewise constant");
const truth = stops("gives truths");
const position = stops("gives positions");
const structure = stops("reads the shape, not the numbers");
const source = stops("has no input that numbers flow through");

/** The gradient rule of every operator we know; an operator that is not here is refused by name. */
export const rules: Readonly<Record<string, Rule | NoGradient>> = {
  Abs: elementary.abs,
  Add: arithmetic.add,
  And: truth,
  ArgMax: position,
  ArgMin: position,
  AveragePool: averagePool,
  BatchNormalization: norm.batchNormalization,
  Cast: cast,
  Ceil: stepwise,
  Celu: activation.celu,
  Clip: arithmetic.clip,
  Concat: movement.concat,
  Constant: source,
  ConstantOfShape: structure,
  Conv: conv,
  ConvTranspose: convTranspose,
  Cos: elementary.cos,
  CumSum: reduce.cumulativeSum,
  DepthToSpace: movement.depthToSpace,
  Div: arithmetic.div,
  Dropout: dropout,
  Elu: activation.elu,
  Equal: truth,
  Erf: elementary.erf,
  Exp: elementary.exp,
  Expand: movement.expand,
  EyeLike: structure,
  Flatten: movement.reshape,
  Floor: stepwise,
  Gather: gather,
  Gelu: activation.gelu,
  Gemm: gemm,
  GlobalAveragePool: globalAveragePool,
  GlobalMaxPool: globalMaxPool,
  Greater: truth,
  GreaterOrEqual: truth,
  GroupNormalization: norm.groupNormalization,
  HardSigmoid: activation.hardSigmoid,
  HardSwish: activation.hardSwish,
  Identity: elementary.identity,
  InstanceNormalization: norm.instanceNormalization,
  IsInf: truth,
  IsNaN: truth,
  LayerNormalization: norm.layerNormalization,
  LeakyRelu: activation.leakyRelu,
  Less: truth,
  LessOrEqual: truth,
  Log: elementary.log,
  LogSoftmax: logSoftmax,
  LpPool: lpPool,
  MatMul: matMul,
  Max: arithmetic.extremum,
  MaxPool: maxPool,
  Mean: arithmetic.mean,
  Min: arithmetic.extremum,
  Mish: activation.mish,
  Mul: arithmetic.mul,
  Neg: elementary.neg,
  NonZero: position,
  Not: truth,
  Or: truth,
  PRelu: activation.pRelu,
  Pad: pad,
  Pow: arithmetic.pow,
  RandomNormal: source,
  RandomNormalLike: structure,
  RandomUniform: source,
  RandomUniformLike: structure,
  Reciprocal: elementary.reciprocal,
  ReduceL1: reduce.reduceL1,
  ReduceL2: reduce.reduceL2,
  ReduceLogSumExp: reduce.reduceLogSumExp,
  ReduceMax: reduce.reduceExtremum,
  ReduceMean: reduce.reduceMean,
  ReduceMin: reduce.reduceExtremum,
  ReduceSum: reduce.reduceSum,
  ReduceSumSquare: reduce.reduceSumSquare,
  Relu: activation.relu,
  Reshape: movement.reshape,
  Resize: resize,
  Round: stepwise,
  Selu: activation.selu,
  Shape: structure,
  Sigmoid: activation.sigmoid,
  Sign: stepwise,
  Sin: elementary.sin,
  Size: structure,
  Slice: slice,
  Softmax: softmax,
  Softplus: activation.softplus,
  Softsign: activation.softsign,
  SpaceToDepth: movement.spaceToDepth,
  Split: movement.split,
  Sqrt: elementary.sqrt,
  Squeeze: movement.reshape,
  Sub: arithmetic.sub,
  Sum: arithmetic.sum,
  Tanh: activation.tanh,
  Tile: movement.tile,
  Transpose: movement.transpose,
  Unsqueeze: movement.reshape,
  Upsample: resize,
  Where: arithmetic.where,
  Xor: truth,
};

/** Names of the operators gradients flow through, sorted. */
export const differentiableOps: readonly string[] = Object.keys(rules)
  .filter((name) => typeof rules[name] === "function")
  .sort();
