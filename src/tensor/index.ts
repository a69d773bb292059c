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
export { type LazyTensor, readFloat32, readFloat64 } from "./lazy-tensor.js";
export { elementCount, isShape, sameShape, stridesOf } from "./shape.js";
export { type NumericDType, type TypedArray, type TypedArrayOf, toTyped } from "./typed-array.js";
