import { Inflate } from "fflate";
import { checkRange } from "../util/byte-source.js";
import { FormatError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { crc32 } from "./crc32.js";

// Signatures and field offsets: PKWARE APPNOTE 6.3.10, sections 4.3.7, 4.3.12, 4.3.14 to 4.3.16, 4.5.3.
const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
const longestComment = 0xffff;

/** One Huffman code of 1 bit for 258 bytes and one of 1 bit for where from: deflate cannot do better. */
const bestDeflateRatio = 1032;

/** Fed in steps, so that a stream that outgrows its announced size is cut off soon after. */
const inflateStepBytes = 16 * 1024;

interface Entry {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly crc: number;
  readonly packedSize: number;
  readonly size: number;
  readonly localOffset: number;
}

/**
 * All files of a zip archive, unpacked and checked against their CRC, in the order of its directory.
 *
 * @param maxBytes Refuses, before unpacking anything, files that come to more than this together.
 * @throws FormatError if the archive is broken, encrypted, packed in another way than deflate, too
 * large, or has the same name twice.
 */
export function readZip(bytes: Uint8Array, maxBytes: number): Map<string, Uint8Array> {
  const fields = new Fields(bytes);
  const entries = readDirectory(fields);
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (total > maxBytes)
    throw new FormatError(`zip: unpacked size=${total} must be at most maxBytes=${maxBytes}`);
  const packedTotal = entries.reduce((sum, { packedSize }) => sum + packedSize, 0);
  if (packedTotal > bytes.length)
    throw new FormatError(
      `zip: files of ${packedTotal} packed bytes must fit in ${bytes.length} bytes without overlap`,
    );

  const files = new Map<string, Uint8Array>();
  for (const entry of entries) {
    if (files.has(entry.name)) throw new FormatError(`${label(entry)} is there twice`);
    files.set(entry.name, unpack(fields, entry));
  }
  return files;
}

function readDirectory(fields: Fields): Entry[] {
  const directory = findDirectory(fields);
  const entries: Entry[] = [];
  let at = directory.offset;
  for (let i = 0; i < directory.count; i++) {
    if (fields.u32(at) !== centralSignature)
      throw new FormatError(`zip: entry ${i} of the directory must start with its signature`);
    const nameEnd = at + 46 + fields.u16(at + 28);
    const extraEnd = nameEnd + fields.u16(at + 30);
    entries.push({
      name: new TextDecoder().decode(fields.bytes(at + 46, nameEnd)),
      encrypted: (fields.u16(at + 8) & 1) === 1,
      method: fields.u16(at + 10),
      crc: fields.u32(at + 16),
      ...readSizes(fields, at, nameEnd, extraEnd),
    });
    at = extraEnd + fields.u16(at + 32);
  }
  return entries;
}

/** Sizes and offset of an entry. Those that 32 bits cannot hold stand in its zip64 field, in this order. */
function readSizes(
  fields: Fields,
  at: number,
  extraStart: number,
  extraEnd: number,
): Pick<Entry, "size" | "packedSize" | "localOffset"> {
  let wide = findExtra(fields, extraStart, extraEnd, 1);
  const size = (narrow: number): number => {
    if (narrow !== 0xffffffff || wide === undefined) return narrow;
    wide += 8;
    return fields.u64(wide - 8);
  };
  return {
    size: size(fields.u32(at + 24)),
    packedSize: size(fields.u32(at + 20)),
    localOffset: size(fields.u32(at + 42)),
  };
}

/** Where the extra field with this id has its data. */
function findExtra(fields: Fields, start: number, end: number, id: number): number | undefined {
  for (let at = start; at + 4 <= end; at += 4 + fields.u16(at + 2))
    if (fields.u16(at) === id) return at + 4;
  return undefined;
}

/** The record at the end of the file, or its 64-bit form where there is one. */
function findDirectory(fields: Fields): { count: number; offset: number } {
  const last = fields.size - 22;
  for (let at = last; at >= Math.max(0, last - longestComment); at--) {
    if (fields.u32(at) !== endSignature || fields.u16(at + 20) !== last - at) continue;
    if (at < 20 || fields.u32(at - 20) !== locator64Signature)
      return { count: fields.u16(at + 10), offset: fields.u32(at + 16) };
    const at64 = fields.u64(at - 12);
    if (fields.u32(at64) !== end64Signature)
      throw new FormatError("zip: the 64-bit end record must start with its signature");
    return { count: fields.u64(at64 + 32), offset: fields.u64(at64 + 48) };
  }
  throw new FormatError("zip: no end record; this is not a zip archive, or it is cut short");
}

function unpack(fields: Fields, entry: Entry): Uint8Array {
  if (entry.encrypted) throw new FormatError(`${label(entry)} is encrypted`);
  if (fields.u32(entry.localOffset) !== localSignature)
    throw new FormatError(`${label(entry)} must start with its signature`);
  const { localOffset: at, packedSize } = entry;
  const start = at + 30 + fields.u16(at + 26) + fields.u16(at + 28);
  const packed = fields.bytes(start, start + packedSize);

  const data = entry.method === 0 ? packed : inflate(packed, entry);
  if (data.length !== entry.size)
    throw new FormatError(`${label(entry)} has ${data.length} bytes, not size=${entry.size}`);
  if (crc32(data) !== entry.crc)
    throw new FormatError(`${label(entry)} does not match its checksum; the file is damaged`);
  return data;
}

function inflate(packed: Uint8Array, entry: Entry): Uint8Array {
  const { size, method } = entry;
  if (method !== 8)
    throw new FormatError(`${label(entry)} is packed by method=${method}; only 0 and 8 are read`);
  if (size > packed.length * bestDeflateRatio)
    throw new FormatError(`${label(entry)} cannot unpack ${packed.length} bytes to size=${size}`);

  const data = new Uint8Array(size);
  let filled = 0;
  const stream = new Inflate((chunk) => {
    if (chunk.length > size - filled)
      throw new FormatError(`${label(entry)} unpacks to more than size=${size}`);
    data.set(chunk, filled);
    filled += chunk.length;
  });
  try {
    for (let at = 0; at < packed.length; at += inflateStepBytes) {
      const step = packed.subarray(at, at + inflateStepBytes);
      stream.push(step, at + step.length === packed.length);
    }
  } catch (cause) {
    if (cause instanceof FormatError) throw cause;
    throw new FormatError(`${label(entry)} cannot be unpacked`, { cause });
  }
  return data.subarray(0, filled);
}

function label(entry: Entry): string {
  return `zip: "${printable(entry.name)}"`;
}

/** Little-endian numbers in a file, every access checked. */
class Fields {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get size(): number {
    return this.#bytes.length;
  }

  u16(offset: number): number {
    checkRange(this.size, offset, 2);
    return this.#view.getUint16(offset, true);
  }

  u32(offset: number): number {
    checkRange(this.size, offset, 4);
    return this.#view.getUint32(offset, true);
  }

  /** A size or offset; beyond 2^53 it is rounded, and no file is that long. */
  u64(offset: number): number {
    checkRange(this.size, offset, 8);
    return Number(this.#view.getBigUint64(offset, true));
  }

  bytes(start: number, end: number): Uint8Array {
    checkRange(this.size, start, end - start);
    return this.#bytes.subarray(start, end);
  }
}
