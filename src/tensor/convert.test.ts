import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, fromFloat32, toFloat32, toFloat64 } from "./convert.js";
import { type DType, dtypeInfo } from "./dtype.js";

/** What ml_dtypes and numpy say; see fixtures/make_small_floats.py. */
const reference: {
  values: Record<string, (number | string | null)[]>;
  sha256: Record<string, string>;
} = JSON.parse(readFileSync(new URL("fixtures/small-floats.json", import.meta.url), "utf8"));

/** Packs patterns by writing all bits in a row, lowest first: the words of onnx.proto, not its shifts. */
function pack(patterns: number[], bits: number): Uint8Array {
  const row = patterns.flatMap((p) => Array.from({ length: bits }, (_, bit) => (p >> bit) & 1));
  const bytes = new Uint8Array(Math.ceil(row.length / 8));
  for (const [i, bit] of row.entries()) bytes[i >> 3] += bit * 2 ** (i & 7);
  return bytes;
}

const everyPattern = Uint16Array.from({ length: 65536 }, (_, i) => i);

describe("types of 8 bits and fewer, every pattern", () => {
  it.each(Object.entries(reference.values))("%s", (name, listed) => {
    const dtype = name as DType;
    const { bits } = dtypeInfo(dtype);
    const expected = listed.map((x) => (x === null ? Number.NaN : Number(x)));
    expect(expected).toHaveLength(2 ** bits);
    const bytes = pack([...expected.keys()], bits);
    expect([...toFloat32(dtype, bytes)]).toEqual(expected);
    expect([...toFloat64(dtype, bytes)]).toEqual(expected);
  });

  it("stops at the element count, not at the last bit", () => {
    expect([...toFloat32("uint4", Uint8Array.of(0x21, 0x03), 3)]).toEqual([1, 2, 3]);
    expect([...toFloat32("int2", Uint8Array.of(0b11_10_01_00, 0b01), 5)]).toEqual([
      0, 1, -2, -1, 1,
    ]);
    // e2m3, bias 1: exponent field 2 is [2, 4) in steps of 1/4.
    const packed = pack([0b010000, 0b010001, 0b010010, 0b010011, 0b010100], 6);
    expect(packed).toHaveLength(4);
    expect([...toFloat32("float6e2m3", packed, 5)]).toEqual([2, 2.25, 2.5, 2.75, 3]);
  });

  it("reads any byte but 0 as true", () => {
    expect([...toFloat32("bool", Uint8Array.of(0, 1, 2, 255))]).toEqual([0, 1, 1, 1]);
  });
});

describe.each(["float16", "bfloat16"] as const)("%s", (dtype) => {
  const values = toFloat32(dtype, bytesOf(everyPattern));
  const infinity = values.indexOf(Number.POSITIVE_INFINITY);

  /** The nearest pattern by its definition: try the two neighbours, on a tie take the even one. */
  function nearest(x: number): number {
    const sign = x < 0 || Object.is(x, -0) ? 32768 : 0;
    let low = 0;
    let high = infinity;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (values[middle] <= Math.abs(x)) low = middle;
      else high = middle;
    }
    if (Math.abs(x) === Number.POSITIVE_INFINITY) return sign + infinity;
    // Infinity rounds as if it were the next finite value.
    const ceiling = high === infinity ? 2 * values[low] - values[low - 1] : values[high];
    const below = Math.abs(x) - values[low];
    const above = ceiling - Math.abs(x);
    if (below === above) return sign + (low % 2 === 0 ? low : high);
    return sign + (below < above ? low : high);
  }

  const patternOf = (x: number) => new Uint16Array(fromFloat32(dtype, [x]).buffer)[0];

  it("reads all 65536 patterns as numpy does", () => {
    const canonical = new Uint32Array(values.slice().buffer);
    for (let i = 0; i < values.length; i++) if (Number.isNaN(values[i])) canonical[i] = 0x7fc00000;
    const hash = createHash("sha256").update(canonical).digest("hex");
    expect(hash).toBe(reference.sha256[dtype]);
  });

  it("writes every pattern back, NaN as the quiet NaN", () => {
    const written = new Uint16Array(fromFloat32(dtype, values).buffer);
    const quiet = dtype === "float16" ? 0x7e00 : 0x7fc0;
    const expected = everyPattern.map((p) => (Number.isNaN(values[p]) ? quiet : p));
    expect(written).toEqual(expected);
  });

  it("rounds half way between any two neighbours to the even one, and a hair beside it to the nearer", () => {
    const wrong: number[] = [];
    for (let low = 0; low < infinity - 1; low++) {
      const middle = (values[low] + values[low + 1]) / 2; // exact in float64
      const hair = (values[low + 1] - values[low]) * 2 ** -20;
      const even = low % 2 === 0 ? low : low + 1;
      for (const sign of [1, -1]) {
        const at = sign === 1 ? 0 : 32768;
        if (patternOf(sign * middle) !== at + even) wrong.push(sign * middle);
        if (patternOf(sign * (middle - hair)) !== at + low) wrong.push(sign * (middle - hair));
        if (patternOf(sign * (middle + hair)) !== at + low + 1) wrong.push(sign * (middle + hair));
      }
    }
    expect(wrong).toEqual([]);
  });

  it("agrees with a search for the nearest value", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true }), (x) => patternOf(x) === nearest(x)),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(
        fc.float({ noNaN: true, min: -70000, max: 70000 }),
        (x) => patternOf(x) === nearest(x),
      ),
      { numRuns: 2000 },
    );
  });

  it("overflows to infinity from half a step beyond the largest value on", () => {
    const largest = values[infinity - 1];
    const step = largest - values[infinity - 2];
    expect(patternOf(largest + step * 0.499999)).toBe(infinity - 1);
    expect(patternOf(largest + step / 2)).toBe(infinity);
    expect(patternOf(Number.MAX_VALUE)).toBe(infinity);
    expect(patternOf(Number.NEGATIVE_INFINITY)).toBe(infinity + 32768);
  });
});

describe("whole numbers and wide floats", () => {
  it.each([
    ["uint8", Uint8Array.of(0, 255), [0, 255]],
    ["int8", Int8Array.of(-128, 127), [-128, 127]],
    ["uint16", Uint16Array.of(0, 65535), [0, 65535]],
    ["int16", Int16Array.of(-32768, 32767), [-32768, 32767]],
    ["uint32", Uint32Array.of(0, 2 ** 31), [0, 2 ** 31]],
    ["int32", Int32Array.of(-(2 ** 31), 7), [-(2 ** 31), 7]],
    ["uint64", BigUint64Array.of(0n, 2n ** 63n), [0, 2 ** 63]],
    ["int64", BigInt64Array.of(-(2n ** 63n), -1n), [-(2 ** 63), -1]],
    ["float32", Float32Array.of(-0, 1.5, Number.NaN), [-0, 1.5, Number.NaN]],
    ["float64", Float64Array.of(0.25, Number.NEGATIVE_INFINITY), [0.25, Number.NEGATIVE_INFINITY]],
  ] as const)("%s", (dtype, data, expected) => {
    expect([...toFloat32(dtype, bytesOf(data))]).toEqual(expected);
    expect([...toFloat64(dtype, bytesOf(data))]).toEqual(expected);
  });

  it("keeps whole numbers up to 2^53 exact in float64", () => {
    const data = BigInt64Array.of(2n ** 53n - 1n, -(2n ** 53n) + 1n);
    expect([...toFloat64("int64", bytesOf(data))]).toEqual([2 ** 53 - 1, -(2 ** 53) + 1]);
  });

  it("rounds float64 to the nearest float32", () => {
    const data = Float64Array.of(0.1, 2 ** 24 + 1, 1e300);
    expect([...toFloat32("float64", bytesOf(data))]).toEqual([
      Math.fround(0.1),
      2 ** 24, // a tie, to even
      Number.POSITIVE_INFINITY,
    ]);
  });

  it("writes float32 and float64", () => {
    expect(fromFloat32("float32", [1])).toEqual(Uint8Array.of(0, 0, 0x80, 0x3f));
    expect(fromFloat32("float64", [-2])).toEqual(Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0xc0));
  });
});

describe("bad input", () => {
  it("refuses bytes that do not fit the count", () => {
    expect(() => toFloat32("float32", new Uint8Array(8), 3)).toThrow(
      "float32 data of 8 bytes must be 12 bytes for 3 elements",
    );
    expect(() => toFloat32("float16", new Uint8Array(3))).toThrow(
      "float16 data of 3 bytes must be 2 bytes for 1 elements",
    );
    expect(() => toFloat64("int4", new Uint8Array(2), 5)).toThrow("must be 3 bytes for 5 elements");
  });

  it.each(["string", "complex64", "complex128"] as const)("refuses %s", (dtype) => {
    expect(() => toFloat32(dtype, new Uint8Array(0))).toThrow(
      `a ${dtype} tensor cannot be read as real numbers`,
    );
  });
});
