import { UsageError } from "../util/errors.js";
import { type DType, dtypeInfo } from "./dtype.js";
import { encodeSmallFloat } from "./small-float.js";
import { type NumericDType, type TypedArrayOf, typedArrayClass } from "./typed-array.js";

/**
 * Plain numbers as the array that stores a type. Floats are rounded to nearest, ties to even; whole
 * numbers and booleans must fit exactly.
 *
 * @throws UsageError naming the first element that does not fit, or a type that has no such conversion
 * (complex, float8 and below, packed integers: give their stored bits instead).
 */
export function fromNumbers<D extends NumericDType>(
  dtype: D,
  values: ArrayLike<number | bigint>,
): TypedArrayOf<D> {
  const encode = encoderOf(dtype);
  const out: Record<number, number | bigint> = new (typedArrayClass(dtype))(values.length);
  for (let i = 0; i < values.length; i++) {
    const encoded = encode(values[i]);
    if (encoded === undefined)
      throw new UsageError(
        `tensor: element ${i} is ${values[i]}, but ${dtype} holds ${holds(dtype)}`,
      );
    out[i] = encoded;
  }
  return out as TypedArrayOf<D>;
}

/** What is stored for a number; undefined if it does not fit. */
type Encoder = (value: number | bigint) => number | bigint | undefined;

function encoderOf(dtype: DType): Encoder {
  switch (dtype) {
    case "float32":
    case "float64":
      return (value) => Number(value);
    case "float16":
    case "bfloat16":
      return (value) => encodeSmallFloat(dtype, Number(value));
    case "bool":
    case "uint8":
    case "int8":
    case "uint16":
    case "int16":
    case "uint32":
    case "int32": {
      const [low, high] = limits(dtype).map(Number);
      return (value) => {
        const number = Number(value);
        return Number.isInteger(number) && low <= number && number <= high ? number : undefined;
      };
    }
    case "uint64":
    case "int64": {
      const [low, high] = limits(dtype);
      return (value) => {
        if (typeof value === "number" && !Number.isInteger(value)) return undefined;
        const integer = BigInt(value);
        return low <= integer && integer <= high ? integer : undefined;
      };
    }
    default:
      throw new UsageError(`tensor: numbers cannot be turned into ${dtype}`, {
        help: "Give the stored bits as a typed array, or use another type.",
      });
  }
}

function limits(dtype: DType): [bigint, bigint] {
  const bits = BigInt(dtypeInfo(dtype).bits);
  if (dtype === "bool") return [0n, 1n];
  return dtype.startsWith("u")
    ? [0n, 2n ** bits - 1n]
    : [-(2n ** (bits - 1n)), 2n ** (bits - 1n) - 1n];
}

function holds(dtype: DType): string {
  const [low, high] = limits(dtype);
  return `whole numbers from ${low} to ${high}`;
}
