import type { Int } from "../graph/index.js";
import { UsageError } from "../util/errors.js";
import type { Payload } from "./schema.js";
import { encodeText } from "./text-codec.js";

const FIRST_CHUNK_BYTES = 1 << 12;
const LARGEST_CHUNK_BYTES = 1 << 20;

/**
 * Writes protobuf from its end to its beginning: the length of a message stands before it and is known
 * after it, so each byte is written once. Payloads are not read, only put in their places.
 */
export class BackwardWriter {
  /** Finished pieces, the last of the file first. */
  readonly #parts: (Uint8Array | Payload)[] = [];
  #finished = 0;
  #chunk = new Uint8Array(FIRST_CHUNK_BYTES);
  /** Where the bytes in `#chunk` begin; they reach to its end. */
  #at = FIRST_CHUNK_BYTES;

  /** Bytes so far, payloads included. */
  get length(): number {
    return this.#finished + this.#chunk.length - this.#at;
  }

  tag(no: number, wire: number): void {
    this.varint(no * 8 + wire);
  }

  /** A number of 64 bits; a negative one takes all ten bytes. */
  varint(value: Int): void {
    if (typeof value === "bigint" || value < 0) {
      this.#longVarint(BigInt.asUintN(64, BigInt(value)));
      return;
    }
    let size = 1;
    for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++;
    this.#reserve(size);
    let rest = value;
    for (let i = 0; i < size - 1; i++) {
      this.#chunk[this.#at + i] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#chunk[this.#at + size - 1] = rest;
  }

  float(value: number): void {
    if (Number.isFinite(value) && !Number.isFinite(Math.fround(value)))
      throw new UsageError(`value=${value} must be within ±3.4e38 to be written as a float32`);
    this.#reserve(4);
    new DataView(this.#chunk.buffer).setFloat32(this.#at, value, true);
  }

  text(text: string): void {
    this.#reserve(text.length);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) {
        this.#at += text.length; // not ASCII: begin again
        this.bytes(encodeText(text));
        return;
      }
      this.#chunk[this.#at + i] = code;
    }
  }

  bytes(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#chunk.set(bytes, this.#at);
  }

  payload(payload: Payload): void {
    this.#finish(FIRST_CHUNK_BYTES);
    this.#parts.push(payload);
    this.#finished += payload.length;
  }

  /** All pieces, in the order of the file. */
  parts(): (Uint8Array | Payload)[] {
    this.#finish(0);
    return this.#parts.reverse();
  }

  #longVarint(value: bigint): void {
    const bytes: number[] = [];
    for (let rest = value; rest > 0n; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
    bytes[bytes.length - 1] &= 0x7f;
    this.bytes(Uint8Array.from(bytes));
  }

  /** Moves the beginning by this much, into a new chunk when the old one is full. */
  #reserve(size: number): void {
    if (size > this.#at)
      this.#finish(Math.max(size, Math.min(2 * this.#chunk.length, LARGEST_CHUNK_BYTES)));
    this.#at -= size;
  }

  #finish(nextSize: number): void {
    const written = this.#chunk.subarray(this.#at);
    if (written.length > 0) this.#parts.push(written);
    this.#finished += written.length;
    this.#chunk = new Uint8Array(nextSize);
    this.#at = nextSize;
  }
}
