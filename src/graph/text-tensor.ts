import {
  byteLength,
  type DType,
  elementCount,
  fromFloat32,
  fromNumbers,
  isFloat,
  type LazyTensor,
  type NumericDType,
  Rng,
  Tensor,
  tensor,
} from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import type { Int } from "./attribute.js";

/** Types whose elements are written as bit patterns, and what holds these. */
const patterns: Partial<Record<DType, "uint8" | "uint16">> = {
  float16: "uint16",
  bfloat16: "uint16",
  float8e4m3fn: "uint8",
  float8e4m3fnuz: "uint8",
  float8e5m2: "uint8",
  float8e5m2fnuz: "uint8",
  float8e8m0: "uint8",
};

/** Types that share a byte among elements, or take two numbers for one, or none: never written out. */
const UNWRITTEN = /^(u?int[24]|float[46]e.*|complex.*|string)$/;

/**
 * A tensor of numbers as a text has them.
 * @throws UsageError when the type is never written out, or a number does not fit it.
 * @throws ShapeError when the numbers do not fill the shape exactly.
 */
export function tensorOfLiterals(
  dtype: DType,
  shape: readonly number[],
  literals: readonly string[],
): LazyTensor {
  if (!isWritten(dtype))
    throw new UsageError(`the elements of a ${dtype} tensor cannot be written out`, {
      help: "Leave them out and the tensor is filled.",
    });
  const pattern = patterns[dtype];
  const values = isFloat(dtype) && !pattern ? literals.map(numberOf) : literals.map(integerOf);
  return tensor(fromNumbers<NumericDType>(pattern ?? dtype, values), shape, dtype);
}

/** The elements as `tensorOfLiterals` takes them; undefined when they are not at hand, too many, or of a type never written out. */
export function literalsOf(tensor: LazyTensor, most: number): string[] | undefined {
  if (!(tensor instanceof Tensor) || tensor.size > most || !isWritten(tensor.dtype))
    return undefined;
  const elements: (number | bigint)[] = [...tensor.data];
  return tensor.dtype === "float32" ? elements.map(float32Text) : elements.map(numberText);
}

function isWritten(dtype: DType): dtype is NumericDType {
  return !UNWRITTEN.test(dtype);
}

/** A number as text: a literal, `inf` or `nan`, with the sign that zero may have. */
export function numberText(value: number | bigint): string {
  if (typeof value === "bigint") return String(value);
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  return Object.is(value, -0) ? "-0" : String(value);
}

/** The shortest text that is this number again in float32: 0.1, not 0.10000000149011612. */
function float32Text(value: number | bigint): string {
  const number = Number(value);
  if (!Number.isFinite(number) || number === 0) return numberText(number);
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(number.toPrecision(digits));
    if (Math.fround(short) === number) return numberText(short);
  }
  return numberText(number);
}

/** What `numberText` wrote, or any other literal. */
export function numberOf(literal: string): number {
  if (/nan$/i.test(literal)) return Number.NaN;
  if (/^-?inf/i.test(literal))
    return literal.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number(literal);
}

/**
 * A whole number, as a `bigint` where a `number` is not exact.
 * @throws UsageError when it is none.
 */
export function integerOf(literal: string): Int {
  if (!/^-?\d+$/.test(literal)) throw new UsageError(`${literal} is no whole number`);
  const number = Number(literal);
  return Number.isSafeInteger(number) ? number : BigInt(literal);
}

/**
 * A tensor whose elements follow from its label: floats within ±0.1, whole numbers from 0 to 3 (0 to 1
 * for booleans), zeros for types that have neither. Made when loaded, the same every time.
 */
export class FilledTensor implements LazyTensor {
  readonly byteLength: number;

  constructor(
    readonly dtype: DType,
    readonly shape: readonly number[],
    readonly label: string,
  ) {
    this.byteLength = byteLength(dtype, elementCount(shape));
  }

  async load(): Promise<Uint8Array> {
    const rng = new Rng(0).fork(this.label);
    switch (this.dtype) {
      case "float32":
      case "float64":
      case "float16":
      case "bfloat16":
        return fromFloat32(this.dtype, rng.uniform(this.shape, -0.1, 0.1).data);
      case "bool":
      case "int8":
      case "int16":
      case "int32":
      case "int64":
      case "uint8":
      case "uint16":
      case "uint32":
      case "uint64": {
        const end = this.dtype === "bool" ? 2 : 4;
        const elements = Array.from({ length: elementCount(this.shape) }, () =>
          rng.integer(0, end),
        );
        return tensor(elements, this.shape, this.dtype).bytes;
      }
      default:
        return new Uint8Array(this.byteLength);
    }
  }
}
