import { FormatError, UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { byteLength, dtypeInfo } from "./dtype.js";
import { elementCount, isShape, stridesOf } from "./shape.js";
import { Tensor } from "./tensor.js";
import { type NumericDType, toTyped } from "./typed-array.js";

/** "\x93NUMPY" */
const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/** As in numpy: a plain array needs some hundred characters and has at most 64 axes. */
const maxHeaderBytes = 10_000;
const maxRank = 64;

/** What numpy calls the types that both sides have. */
const descriptors: Partial<Record<NumericDType, string>> = {
  float16: "f2",
  float32: "f4",
  float64: "f8",
  int8: "i1",
  int16: "i2",
  int32: "i4",
  int64: "i8",
  uint8: "u1",
  uint16: "u2",
  uint32: "u4",
  uint64: "u8",
  bool: "b1",
  complex64: "c8",
  complex128: "c16",
};

const dtypesByDescriptor = new Map(
  Object.entries(descriptors).map(([dtype, name]) => [name, dtype as NumericDType]),
);

/**
 * Reads a numpy `.npy` file, format 1.0 to 3.0. Column-major and big-endian data are turned round. The
 * tensor may be a view of `bytes`.
 *
 * Source: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 *
 * @throws FormatError if the file is broken, or holds anything but plain numbers: structured arrays,
 * text and pickled Python objects are not read.
 */
export function readNpy(bytes: Uint8Array): Tensor {
  const { header, dataStart } = splitHeader(bytes);
  const { dtype, bigEndian, fortranOrder, shape } = parseHeader(header);
  const expected = byteLength(dtype, elementCount(shape));
  let data = bytes.subarray(dataStart);
  if (data.length !== expected)
    throw new FormatError(
      `npy: data of ${data.length} bytes must be ${expected} bytes for ${dtype} [${shape}]`,
    );
  if (bigEndian) data = reverseBytes(data, wordBytes(dtype));
  if (fortranOrder) data = toRowMajor(data, shape, dtypeInfo(dtype).bits / 8);
  return new Tensor(dtype, shape, toTyped(dtype, data));
}

/**
 * A numpy `.npy` file, format 1.0, row-major and little-endian.
 *
 * @throws UsageError if numpy has no such type (bfloat16, float8 and below, packed integers) or not so
 * many axes.
 */
export function writeNpy(tensor: Tensor): Uint8Array {
  const { dtype, shape, bytes } = tensor;
  const descriptor = descriptors[dtype];
  if (descriptor === undefined)
    throw new UsageError(`npy: numpy has no ${dtype}`, { help: "Convert to float32 first." });
  if (shape.length > maxRank)
    throw new UsageError(`npy: rank=${shape.length} must be at most ${maxRank}, as in numpy`);

  const order = wordBytes(dtype) === 1 ? "|" : "<";
  const sizes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const header = `{'descr': '${order}${descriptor}', 'fortran_order': False, 'shape': (${sizes}), }`;
  const dataStart = Math.ceil((10 + header.length + 1) / 64) * 64; // data on a 64-byte boundary
  const file = new Uint8Array(dataStart + bytes.length);
  file.set([...magic, 1, 0]);
  new DataView(file.buffer).setUint16(8, dataStart - 10, true);
  file.set(new TextEncoder().encode(`${header.padEnd(dataStart - 11)}\n`), 10);
  file.set(bytes, dataStart);
  return file;
}

function splitHeader(bytes: Uint8Array): { header: string; dataStart: number } {
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte))
    throw new FormatError("npy: the file must start with \\x93NUMPY");
  const version = bytes[6];
  if (version < 1 || version > 3)
    throw new FormatError(`npy: format version=${version} must be 1, 2 or 3`);

  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const headerStart = version === 1 ? 10 : 12;
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > maxHeaderBytes)
    throw new FormatError(`npy: header length=${length} must be at most ${maxHeaderBytes} bytes`);
  const dataStart = headerStart + length;
  if (dataStart > bytes.length)
    throw new FormatError(`npy: header length=${length} must fit in ${bytes.length} bytes`);
  return { header: new TextDecoder().decode(bytes.subarray(headerStart, dataStart)), dataStart };
}

interface Header {
  dtype: NumericDType;
  bigEndian: boolean;
  fortranOrder: boolean;
  shape: readonly number[];
}

/** One `'key': value` of the header: a string, a boolean or a tuple of whole numbers. */
const headerField = /\s*'(\w+)'\s*:\s*('[^']*'|True|False|\([\d\s,]*\))\s*(?:,\s*|$)/gy;

/** The header is a Python dictionary with exactly the keys descr, fortran_order and shape, in any order. */
function parseHeader(header: string): Header {
  const body = /^\{(.*)\}\s*$/s.exec(header)?.[1] ?? "";
  const matches = [...body.matchAll(headerField)];
  const fields = new Map(matches.map(([, key, value]) => [key, value]));
  const descr = /^'([<>|=])([a-z]\d+)'$/.exec(fields.get("descr") ?? "");
  const order = /^(?:True|False)$/.exec(fields.get("fortran_order") ?? "");
  const tuple = /^\(([\d\s,]*)\)$/.exec(fields.get("shape") ?? "");

  const whole = matches.map(([text]) => text).join("") === body;
  const dtype = dtypesByDescriptor.get(descr?.[2] ?? "");
  if (!whole || matches.length !== 3 || !descr || !dtype || !order || !tuple)
    throw new FormatError(
      `npy: header must give descr (a plain number type), fortran_order and shape, not ${printable(header.trim())}`,
      { help: "Text, structured arrays and pickled Python objects are not read." },
    );
  return {
    dtype,
    bigEndian: descr[1] === ">",
    fortranOrder: order[0] === "True",
    shape: parseShape(tuple[1]),
  };
}

/** `2, 3` or `5,` or nothing -> sizes. */
function parseShape(text: string): number[] {
  const sizes = text.trim() === "" ? [] : text.replace(/,\s*$/, "").split(",");
  const shape = sizes.map((size) => (/^\s*\d+\s*$/.test(size) ? Number(size) : Number.NaN));
  if (shape.length > maxRank || !isShape(shape))
    throw new FormatError(
      `npy: shape=(${printable(text)}) must be at most ${maxRank} whole numbers with a product below 2^53`,
    );
  return shape;
}

/** Bytes that belong together in either byte order: an element, or half of a complex one. */
function wordBytes(dtype: NumericDType): number {
  const bytes = dtypeInfo(dtype).bits / 8;
  return dtype.startsWith("complex") ? bytes / 2 : bytes;
}

function reverseBytes(bytes: Uint8Array, word: number): Uint8Array {
  const reversed = new Uint8Array(bytes.length);
  for (let start = 0; start < bytes.length; start += word)
    for (let i = 0; i < word; i++) reversed[start + i] = bytes[start + word - 1 - i];
  return reversed;
}

/** Column-major elements in row-major order. */
function toRowMajor(bytes: Uint8Array, shape: readonly number[], elementBytes: number): Uint8Array {
  const strides = stridesOf(shape.toReversed()).reverse();
  const index = shape.map(() => 0);
  const sorted = new Uint8Array(bytes.length);
  let from = 0;
  for (let to = 0; to < sorted.length; to += elementBytes) {
    for (let i = 0; i < elementBytes; i++) sorted[to + i] = bytes[from * elementBytes + i];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      from += strides[axis];
      if (++index[axis] < shape[axis]) break;
      from -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return sorted;
}
