/**
 * Floating-point formats of at most 16 bits, decoded and encoded by their definition.
 *
 * Sources: IEEE 754-2019 (float16); https://arxiv.org/abs/2209.05433 (float8 e4m3fn, e5m2);
 * https://arxiv.org/abs/2206.02915 (fnuz); OCP Microscaling Formats v1.0 (float4, float6, e8m0).
 */
interface SmallFloat {
  readonly bits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /**
   * Which patterns are no finite numbers. `ieee`: all exponent bits set. `fn`: all bits but the sign set
   * (NaN). `fnuz`: the sign bit alone (NaN). `finite`: none.
   */
  readonly special: "ieee" | "fn" | "fnuz" | "finite";
}

const formats = {
  float16: { bits: 16, mantissaBits: 10, bias: 15, special: "ieee" },
  bfloat16: { bits: 16, mantissaBits: 7, bias: 127, special: "ieee" },
  float8e4m3fn: { bits: 8, mantissaBits: 3, bias: 7, special: "fn" },
  float8e4m3fnuz: { bits: 8, mantissaBits: 3, bias: 8, special: "fnuz" },
  float8e5m2: { bits: 8, mantissaBits: 2, bias: 15, special: "ieee" },
  float8e5m2fnuz: { bits: 8, mantissaBits: 2, bias: 16, special: "fnuz" },
  float6e2m3: { bits: 6, mantissaBits: 3, bias: 1, special: "finite" },
  float6e3m2: { bits: 6, mantissaBits: 2, bias: 3, special: "finite" },
  float4e2m1: { bits: 4, mantissaBits: 1, bias: 1, special: "finite" },
} as const satisfies Record<string, SmallFloat>;

export type SmallFloatType = keyof typeof formats;

export function isSmallFloat(dtype: string): dtype is SmallFloatType {
  return Object.hasOwn(formats, dtype);
}

/** The number that a bit pattern stands for. */
export function decodeSmallFloat(dtype: SmallFloatType, pattern: number): number {
  const { bits, mantissaBits, bias, special }: SmallFloat = formats[dtype];
  const magnitude = pattern & (2 ** (bits - 1) - 1);
  const exponent = magnitude >> mantissaBits;
  const mantissa = magnitude & (2 ** mantissaBits - 1);
  const negative = magnitude !== pattern;

  if (special === "fnuz" && negative && magnitude === 0) return Number.NaN;
  if (special === "fn" && magnitude === 2 ** (bits - 1) - 1) return Number.NaN;
  if (special === "ieee" && exponent === 2 ** (bits - 1 - mantissaBits) - 1) {
    if (mantissa !== 0) return Number.NaN;
    return negative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  }
  const value =
    exponent === 0
      ? mantissa * 2 ** (1 - bias - mantissaBits)
      : (2 ** mantissaBits + mantissa) * 2 ** (exponent - bias - mantissaBits);
  return negative ? -value : value;
}

/**
 * The bit pattern nearest to a number: ties to the even pattern, overflow to infinity, NaN to the quiet
 * NaN without payload. Rounds once, whatever the precision of the number.
 */
export function encodeSmallFloat(dtype: "float16" | "bfloat16", value: number): number {
  const { mantissaBits, bias } = formats[dtype];
  const infinity = 2 ** 15 - 2 ** mantissaBits;
  if (Number.isNaN(value)) return infinity + 2 ** (mantissaBits - 1);

  const sign = value < 0 || Object.is(value, -0) ? 2 ** 15 : 0;
  const magnitude = Math.abs(value);
  const exponent = Math.max(exponentOf(magnitude), 1 - bias);
  const units = roundHalfEven(magnitude / 2 ** (exponent - mantissaBits));
  // A mantissa that rounds up to the next power of two carries into the exponent by itself.
  return sign + Math.min((exponent + bias - 1) * 2 ** mantissaBits + units, infinity);
}

const scratch = new Float64Array(1);
const scratchWords = new Uint32Array(scratch.buffer);

/** Binary exponent of a number of zero or more: `2^e <= x < 2^(e+1)`, at least -1023. */
function exponentOf(magnitude: number): number {
  scratch[0] = magnitude;
  return (scratchWords[1] >>> 20) - 1023;
}

/** Nearest whole number of `0 <= x`, ties to even: at 2^52 a float64 has no fraction left to keep. */
function roundHalfEven(x: number): number {
  return x < 2 ** 52 ? x + 2 ** 52 - 2 ** 52 : x;
}
