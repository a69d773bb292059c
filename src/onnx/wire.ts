import type { Int } from "../graph/index.js";

/**
 * Protobuf's wire format, reading: numbers of 7 bits a byte, fixed widths, and lengths before bytes.
 * Source: https://protobuf.dev/programming-guides/encoding/
 */

/** How a field's value is laid out, as its tag says; 3 and 4 are groups, which ONNX never uses. */
export const WIRE = { varint: 0, fixed64: 1, delimited: 2, fixed32: 5 } as const;

/** Reads bytes from `pos` on; what it throws has no place yet, and the caller adds it. */
export class WireReader {
  pos = 0;
  #view: DataView | undefined;

  constructor(readonly bytes: Uint8Array) {}

  /** A field's number times 8, plus its wire type. */
  tag(): number {
    const tag = this.unsigned();
    if (tag < 8 || tag >= 2 ** 32) throw new Error(`no field begins here (tag=${tag})`);
    return tag;
  }

  /** A number of up to 64 bits, exact below 2^53. */
  unsigned(): number {
    const { bytes } = this;
    let value = 0;
    let scale = 1;
    for (let length = 1; length <= 10; length++) {
      const byte = bytes[this.pos++];
      if (byte < 0x80) return value + byte * scale;
      if (byte === undefined) throw new Error("a number is cut short");
      value += (byte & 0x7f) * scale;
      scale *= 128;
    }
    throw new Error("a number takes more than 10 bytes");
  }

  /** A signed number of 64 bits: a `bigint` where a `number` is not exact. */
  signed(): Int {
    const start = this.pos;
    const value = this.unsigned();
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    let exact = 0n;
    for (let at = this.pos - 1; at >= start; at--)
      exact = (exact << 7n) | BigInt(this.bytes[at] & 0x7f);
    exact = BigInt.asIntN(64, exact);
    const number = Number(exact);
    return Number.isSafeInteger(number) ? number : exact;
  }

  /** A signed number of 32 bits; of a longer one, the lowest 32, as protobuf wants it. */
  signed32(): number {
    const value = this.signed();
    return typeof value === "number" && value === (value | 0)
      ? value
      : Number(BigInt.asIntN(32, BigInt(value)));
  }

  float(): number {
    const { buffer, byteOffset, byteLength } = this.bytes;
    this.#view ??= new DataView(buffer, byteOffset, byteLength);
    const start = this.pos;
    this.skipBytes(4);
    return this.#view.getFloat32(start, true);
  }

  /** Passes over a value of this wire type. */
  skip(wire: number): void {
    if (wire === WIRE.varint) this.unsigned();
    else if (wire === WIRE.fixed32) this.skipBytes(4);
    else if (wire === WIRE.fixed64) this.skipBytes(8);
    else if (wire === WIRE.delimited) this.skipBytes(this.unsigned());
    else throw new Error(`wire type ${wire} is not in use`);
  }

  skipBytes(length: number): void {
    const left = this.bytes.length - this.pos;
    if (length > left) throw new Error(`${length} bytes are announced, ${left} are left`);
    this.pos += length;
  }
}
