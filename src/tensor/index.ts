export {
  allClose,
  type Comparison,
  compare,
  type Mismatch,
  maxDifference,
  type Numbers,
  type Tolerance,
} from "./close.js";
export { fromFloat32, toFloat32, toFloat64 } from "./convert.js";
export {
  byteLength,
  type DType,
  type DTypeInfo,
  dtypeFromOnnx,
  dtypeInfo,
  dtypes,
  isFloat,
} from "./dtype.js";
export { fromNumbers } from "./from-numbers.js";
export { type LazyTensor, readFloat32, readFloat64 } from "./lazy-tensor.js";
export { readNpy, writeNpy } from "./npy.js";
export { type ReadNpzOptions, readNpz, type WriteNpzOptions, writeNpz } from "./npz.js";
export { Rng, type RngState } from "./random.js";
export { readSafetensors, type Safetensors, writeSafetensors } from "./safetensors.js";
export { elementCount, isShape, sameShape, stridesOf } from "./shape.js";
export { full, scalar, Tensor, tensor, zeros } from "./tensor.js";
export { type NumericDType, type TypedArray, type TypedArrayOf, toTyped } from "./typed-array.js";
