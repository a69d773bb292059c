import type { ByteSource } from "../util/byte-source.js";
import { FormatError, UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { byteLength, type DType } from "./dtype.js";
import type { LazyTensor } from "./lazy-tensor.js";
import { elementCount, isShape } from "./shape.js";

// Source of the format: https://github.com/huggingface/safetensors at 24b0b28, README.md and tensor.rs.

const lengthBytes = 8;
const maxHeaderBytes = 100_000_000;
const metadataKey = "__metadata__";

/**
 * Names of the types in the file, narrowest first: the writer puts the widest in front, which aligns
 * every tensor. F4, F6_E2M3 and F6_E3M2 are left out: the format does not say how they are packed.
 */
const fileTypes = new Map<string, DType>([
  ["BOOL", "bool"],
  ["U8", "uint8"],
  ["I8", "int8"],
  ["F8_E5M2", "float8e5m2"],
  ["F8_E4M3", "float8e4m3fn"],
  ["F8_E8M0", "float8e8m0"],
  ["F8_E4M3FNUZ", "float8e4m3fnuz"],
  ["F8_E5M2FNUZ", "float8e5m2fnuz"],
  ["I16", "int16"],
  ["U16", "uint16"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["I32", "int32"],
  ["U32", "uint32"],
  ["F32", "float32"],
  ["C64", "complex64"],
  ["F64", "float64"],
  ["I64", "int64"],
  ["U64", "uint64"],
]);

const fileTypeNames = [...fileTypes.keys()];

export interface Safetensors {
  /** By name, in the order of the file's header. */
  readonly tensors: ReadonlyMap<string, LazyTensor>;
  /** What the writer noted about the file. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * Reads the header of a `.safetensors` file; each tensor fetches its bytes when it is loaded.
 *
 * @throws FormatError if the header is broken or longer than 100 MB, or the tensors do not lie in the
 * file end to end without gap or overlap.
 */
export async function readSafetensors(source: ByteSource): Promise<Safetensors> {
  const headerBytes = await readHeaderLength(source);
  const dataStart = lengthBytes + headerBytes;
  const header = parseHeader(await source.read(lengthBytes, headerBytes));

  const metadata = new Map<string, string>();
  const entries: Entry[] = [];
  for (const [key, value] of Object.entries(header)) {
    if (key === metadataKey) for (const [k, text] of parseMetadata(value)) metadata.set(k, text);
    else entries.push(parseEntry(key, value));
  }
  checkLayout(entries, source.size - dataStart);

  const tensors = new Map<string, LazyTensor>();
  for (const { name, dtype, shape, begin, end } of entries)
    tensors.set(name, {
      dtype,
      shape,
      byteLength: end - begin,
      load: () => source.read(dataStart + begin, end - begin),
    });
  return { tensors, metadata };
}

/**
 * A `.safetensors` file, laid out as the reference writer does: widest types first, then by name.
 *
 * @param metadata Notes about the file. Defaults to none.
 * @throws UsageError if the format has no such type, or a name occurs twice or is `__metadata__`.
 */
export async function writeSafetensors(
  tensors: Iterable<readonly [string, LazyTensor]>,
  metadata: Iterable<readonly [string, string]> = [],
): Promise<Uint8Array> {
  const sorted = [...tensors]
    .map(([name, tensor]) => ({ name, tensor, order: fileTypeOrder(name, tensor.dtype) }))
    .sort((a, b) => b.order - a.order || (a.name < b.name ? -1 : 1));

  const notes = Object.fromEntries(metadata);
  const header = new Map<string, unknown>();
  if (Object.keys(notes).length > 0) header.set(metadataKey, notes);
  let end = 0;
  for (const { name, tensor, order } of sorted) {
    if (name === metadataKey) throw new UsageError(`safetensors: no tensor may be named ${name}`);
    if (header.has(name)) throw new UsageError(`safetensors: "${printable(name)}" is there twice`);
    const begin = end;
    end += tensor.byteLength;
    header.set(name, {
      dtype: fileTypeNames[order],
      shape: tensor.shape,
      data_offsets: [begin, end],
    });
  }

  const fields = [...header].map(
    ([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`,
  );
  const json = new TextEncoder().encode(`{${fields.join(",")}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const file = new Uint8Array(lengthBytes + headerBytes + end).fill(
    0x20,
    0,
    lengthBytes + headerBytes,
  );
  new DataView(file.buffer).setBigUint64(0, BigInt(headerBytes), true);
  file.set(json, lengthBytes);
  let at = lengthBytes + headerBytes;
  for (const { name, tensor } of sorted) {
    const bytes = await tensor.load();
    if (bytes.length !== tensor.byteLength)
      throw new FormatError(
        `safetensors: "${printable(name)}" loads ${bytes.length} bytes, not byteLength=${tensor.byteLength}`,
      );
    file.set(bytes, at);
    at += bytes.length;
  }
  return file;
}

interface Entry {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
  /** Where the bytes are, counted from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

async function readHeaderLength(source: ByteSource): Promise<number> {
  if (source.size < lengthBytes)
    throw new FormatError(`safetensors: size=${source.size} must be at least ${lengthBytes} bytes`);
  const bytes = await source.read(0, lengthBytes);
  const length = new DataView(bytes.buffer, bytes.byteOffset, lengthBytes).getBigUint64(0, true);
  const most = Math.min(maxHeaderBytes, source.size - lengthBytes);
  if (length > most)
    throw new FormatError(`safetensors: header length=${length} must be at most ${most} bytes`);
  return Number(length);
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  let header: unknown;
  try {
    header = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw new FormatError("safetensors: the header must be JSON in UTF-8", { cause });
  }
  if (!isRecord(header)) throw new FormatError("safetensors: the header must be a JSON object");
  return header;
}

function parseMetadata(value: unknown): [string, string][] {
  const notes = isRecord(value) ? Object.entries(value) : undefined;
  if (!notes?.every((note): note is [string, string] => typeof note[1] === "string"))
    throw new FormatError(`safetensors: ${metadataKey} must map strings to strings`);
  return notes;
}

function parseEntry(name: string, value: unknown): Entry {
  const label = `safetensors: "${printable(name)}"`;
  if (!isRecord(value)) throw new FormatError(`${label} must be a JSON object`);
  const { dtype: fileType, shape, data_offsets: offsets } = value;

  const dtype = typeof fileType === "string" ? fileTypes.get(fileType) : undefined;
  if (dtype === undefined)
    throw new FormatError(
      `${label} has dtype=${printable(String(fileType))}, which is none of ${fileTypeNames.join(", ")}`,
    );
  if (!isShape(shape))
    throw new FormatError(`${label} must have a shape of whole numbers with a product below 2^53`);
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(Number.isSafeInteger))
    throw new FormatError(`${label} must have two whole numbers as data_offsets`);

  const [begin, end]: number[] = offsets;
  const expected = byteLength(dtype, elementCount(shape));
  if (end - begin !== expected)
    throw new FormatError(
      `${label} has ${end - begin} bytes at data_offsets=[${begin}, ${end}], not the ${expected} of ${dtype} [${printable(shape.join(", "))}]`,
    );
  return { name, dtype, shape, begin, end };
}

/** The tensors cover the data exactly once, so nothing hides between them and none reads another's. */
function checkLayout(entries: readonly Entry[], dataBytes: number): void {
  let covered = 0;
  for (const { name, begin, end } of entries.toSorted(
    (a, b) => a.begin - b.begin || a.end - b.end,
  )) {
    if (begin !== covered)
      throw new FormatError(
        `safetensors: "${printable(name)}" starts at ${begin}, but the tensor before it ends at ${covered}`,
      );
    covered = end;
  }
  if (covered !== dataBytes)
    throw new FormatError(
      `safetensors: tensors of ${covered} bytes must fill data of ${dataBytes} bytes`,
    );
}

function fileTypeOrder(name: string, dtype: DType): number {
  const order = [...fileTypes.values()].indexOf(dtype);
  if (order < 0)
    throw new UsageError(
      `safetensors: "${printable(name)}" is ${dtype}, which the format does not have`,
    );
  return order;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
