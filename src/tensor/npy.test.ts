import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FormatError, UsageError } from "../util/errors.js";
import { product } from "../util/math.js";
import { type DType, dtypes } from "./dtype.js";
import { readNpy, writeNpy } from "./npy.js";
import { Tensor, tensor, zeros } from "./tensor.js";
import { type NumericDType, toTyped } from "./typed-array.js";

/** Files that numpy wrote; see fixtures/make_numpy.py. */
const cases: {
  name: string;
  kind: DType;
  shape: number[];
  elements: (number | string)[];
  npy: string;
}[] = JSON.parse(readFileSync(new URL("fixtures/npy.json", import.meta.url), "utf8"));

const bytesIn = (base64: string) => new Uint8Array(Buffer.from(base64, "base64"));

/** Elements as numpy listed them: complex ones in two parts, 64-bit whole numbers as bigints. */
function elements({ data, dtype }: Tensor): (number | bigint)[] {
  if (dtype !== "float16") return [...data];
  // 2^(e-15) * (1 + m / 1024), or m * 2^-24 where e is 0; the files hold no other kind.
  return [...data].map((pattern) => {
    const bits = Number(pattern);
    const [e, m] = [(bits >> 10) & 31, bits & 1023];
    const magnitude = e === 0 ? m * 2 ** -24 : 2 ** (e - 15) * (1 + m / 1024);
    return bits >> 15 ? -magnitude : magnitude;
  });
}

describe("files by numpy", () => {
  it.each(cases)("$name", ({ kind, shape, elements: listed, npy }) => {
    const read = readNpy(bytesIn(npy));
    expect(read.dtype).toBe(kind);
    expect(read.shape).toEqual(shape);
    expect(elements(read)).toEqual(listed.map((x) => (typeof x === "string" ? BigInt(x) : x)));
  });

  // These are row-major, little-endian and format 1.0, as ours are.
  it.each(
    cases.filter(({ name, kind }) => name === kind || name === "scalar" || name === "no elements"),
  )("$name is written byte for byte the same", ({ npy }) => {
    expect(writeNpy(readNpy(bytesIn(npy)))).toEqual(bytesIn(npy));
  });

  it("covers every type that is read", () => {
    expect(new Set(cases.map(({ kind }) => kind)).size).toBe(14);
  });

  it("reads where the file does not start at an aligned address", () => {
    const npy = bytesIn(cases.find(({ name }) => name === "float64")?.npy ?? "");
    const shifted = new Uint8Array(npy.length + 3);
    shifted.set(npy, 3);
    expect(readNpy(shifted.subarray(3))).toEqual(readNpy(npy));
  });
});

describe("writeNpy", () => {
  it("is undone by readNpy", () => {
    const types = fc.constantFrom<NumericDType>(
      "int8",
      "float16",
      "uint32",
      "int64",
      "complex128",
      "bool",
    );
    const shapes = fc.array(fc.nat(3), { maxLength: 5 });
    fc.assert(
      fc.property(types, shapes, fc.infiniteStream(fc.nat(255)), (dtype, shape, random) => {
        const blank = zeros(shape, dtype);
        const data = toTyped(
          dtype,
          Uint8Array.from(blank.bytes, () => random.next().value),
        );
        const file = writeNpy(new Tensor(dtype, shape, data));
        const read = readNpy(file);
        expect([read.dtype, read.shape]).toEqual([dtype, shape]);
        expect(read.bytes).toEqual(new Tensor(dtype, shape, data).bytes);
        expect((file.length - read.byteLength) % 64).toBe(0);
      }),
    );
  });

  it("refuses what numpy does not have", () => {
    expect(() => writeNpy(zeros([2], "bfloat16"))).toThrow(UsageError);
    expect(() => writeNpy(zeros([2], "int4"))).toThrow("npy: numpy has no int4");
    expect(() => writeNpy(zeros(new Array(65).fill(1)))).toThrow("npy: rank=65 must be at most 64");
    expect(
      dtypes.filter((d) => d !== "string" && !throws(() => writeNpy(zeros([1], d)))),
    ).toHaveLength(14);
  });
});

const throws = (run: () => unknown): boolean => {
  try {
    run();
    return false;
  } catch {
    return true;
  }
};

/** A file with any header. */
function npy(header: string, data: number[] = [], version = 1): Uint8Array {
  const length = header.length;
  const size =
    version === 1 ? [length & 255, length >> 8] : [length & 255, (length >> 8) & 255, 0, 0];
  const text = new TextEncoder().encode(header);
  return Uint8Array.of(
    0x93,
    ...new TextEncoder().encode("NUMPY"),
    version,
    0,
    ...size,
    ...text,
    ...data,
  );
}

const header = (descr: string, shape: string, order = "False") =>
  `{'descr': ${descr}, 'fortran_order': ${order}, 'shape': ${shape}, }\n`;

describe("headers", () => {
  it.each([
    ["keys in another order", "{'shape': (2,), 'fortran_order': False, 'descr': '|u1'}"],
    ["no blanks", "{'descr':'|u1','fortran_order':False,'shape':(2,)}"],
    ["native byte order", header("'=u1'", "(2,)")],
    ["a shape without comma", header("'|u1'", "(2)")],
    ["a last comma and a blank in the shape", header("'|u1'", "(2, )")],
  ])("may have %s", (_, text) => {
    expect(readNpy(npy(text, [7, 8]))).toEqual(tensor(Uint8Array.of(7, 8), [2]));
  });

  it.each([
    ["pickled objects", header("'|O'", "(1,)")],
    ["text", header("'<U8'", "(1,)")],
    ["dates", header("'<M8[ns]'", "(1,)")],
    ["raw bytes", header("'|V2'", "(1,)")],
    ["structures", header("[('a', '<f4')]", "(1,)")],
    ["a width that does not exist", header("'<f3'", "(1,)")],
    ["no descr", "{'fortran_order': False, 'shape': (1,), }"],
    ["a key too many", `{'x': 'y', ${header("'|u1'", "(1,)").slice(1)}`],
    ["a key twice", `{'descr': '|u1', ${header("'|u1'", "(1,)").slice(1)}`],
    ["a key twice and one missing", "{'descr': '|u1', 'descr': '|u1', 'shape': (1,)}"],
    ["an order that is no boolean", header("'|u1'", "(1,)", "'C'")],
    ["a shape that is no tuple", header("'|u1'", "'1'")],
    ["something before", `x${header("'|u1'", "(1,)")}`],
    ["something between", header("'|u1'", "(1,)").replace("False,", "False, +")],
    ["something after", header("'|u1'", "(1,)").replace(", }", ", + }")],
    ["no dictionary", "[]"],
    ["only blanks", "   "],
  ])("may not have %s", (_, text) => {
    expect(() => readNpy(npy(text, [7]))).toThrow(FormatError);
    expect(() => readNpy(npy(text, [7]))).toThrow(
      "npy: header must give descr (a plain number type)",
    );
  });

  it.each([
    "(-1,)",
    "(1.5,)",
    "(1, , 2)",
    "(1 2)",
    "(,)",
    "(9007199254740992,)",
    "(94906267, 94906267)",
  ])("may not have the shape %s", (shape) => {
    expect(() => readNpy(npy(header("'|u1'", shape), [7]))).toThrow(FormatError);
  });

  it("may not have more than 64 axes", () => {
    const ones = (rank: number) => npy(header("'|u1'", `(${"1,".repeat(rank)})`), [7]);
    expect(readNpy(ones(64)).shape).toHaveLength(64);
    expect(() => readNpy(ones(65))).toThrow("must be at most 64 whole numbers");
  });

  it("do not bring control characters to the terminal", () => {
    expect(() => readNpy(npy("{\u001b[31m"))).toThrow("\\u{1b}[31m");
  });
});

describe("broken files", () => {
  it.each([
    ["no magic", Uint8Array.from({ length: 80 }, () => 0), "must start with \\x93NUMPY"],
    ["a zip archive", Uint8Array.of(0x50, 0x4b, 3, 4, ...new Array(20).fill(0)), "must start with"],
    ["nothing at all", new Uint8Array(0), "must start with"],
    ["a format to come", npy("{}", [], 4), "format version=4 must be 1, 2 or 3"],
    [
      "a header beyond the end",
      npy(header("'|u1'", "(1,)")).subarray(0, 40),
      "must fit in 40 bytes",
    ],
    ["a long header", npy(" ".repeat(10_001)), "header length=10001 must be at most 10000 bytes"],
    [
      "too few data",
      npy(header("'<f4'", "(3,)"), [0, 0]),
      "data of 2 bytes must be 12 bytes for float32",
    ],
    [
      "too many data",
      npy(header("'|u1'", "(1,)"), [1, 2]),
      "data of 2 bytes must be 1 bytes for uint8",
    ],
    [
      "a shape beyond the file",
      npy(header("'<f8'", "(1000000000, 1000000)")),
      "data of 0 bytes must be",
    ],
  ])("%s", (_, bytes, message) => {
    expect(() => readNpy(bytes)).toThrow(FormatError);
    expect(() => readNpy(bytes)).toThrow(message);
  });

  it("a header of 4 GiB is not believed", () => {
    const file = npy(header("'|u1'", "(1,)"), [7], 2);
    file.fill(255, 8, 12);
    expect(() => readNpy(file)).toThrow("header length=4294967295 must be at most 10000 bytes");
  });

  it("any changed byte and any cut gives a FormatError or a tensor that holds together", () => {
    const file = writeNpy(tensor([1, 2, 3, 4, 5, 6], [2, 3], "int16"));
    const check = (bytes: Uint8Array) => {
      try {
        const { shape, size, data } = readNpy(bytes);
        expect(size).toBe(product(shape));
        expect(data.byteLength).toBe(12);
      } catch (error) {
        if (!(error instanceof FormatError)) throw error;
      }
    };
    for (let i = 0; i < file.length; i++) {
      expect(() => readNpy(file.subarray(0, i))).toThrow(FormatError);
      for (const value of [0, 255, file[i] ^ 1, 0x20, 0x39, 0x28]) {
        const changed = file.slice();
        changed[i] = value;
        check(changed);
      }
    }
  });
});
