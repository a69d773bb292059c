import type { ByteSource } from "../util/byte-source.js";
import { FormatError } from "../util/errors.js";
import type { Field, Payload, Schema } from "./schema.js";
import { WIRE, WireReader } from "./wire.js";

/** A file without its weights: every byte but the payloads, which stay behind as holes. */
export interface Skeleton {
  readonly bytes: Uint8Array;
  /** Payloads left in the source, by the place in `bytes` where they would begin. */
  readonly holes: ReadonlyMap<number, Payload>;
}

export interface SkeletonLimits {
  /** Most bytes of structure to hold; weights do not count. */
  readonly maxStructureBytes: number;
  /** Deepest nesting of messages. */
  readonly maxDepth: number;
  /** Most fields to walk. */
  readonly maxFields: number;
}

/** A message up to this size is copied whole, small weights included; a larger one is walked. */
const SMALL_MESSAGE_BYTES = 4096;
/** Tag (at most 10 bytes) and length or number (at most 10). */
const LONGEST_HEADER = 20;

/**
 * Walks a protobuf message in a byte source and brings into memory all of it but large payloads.
 * @throws FormatError with the place, when a length leads outside of its message or a limit is passed.
 */
export async function readSkeleton(
  source: ByteSource,
  schema: Schema,
  limits: SkeletonLimits,
): Promise<Skeleton> {
  const window = new Window(source);
  const bytes = new GrowingBytes(limits.maxStructureBytes);
  const holes = new Map<number, Payload>();
  let fields = 0;

  async function copy(offset: number, length: number): Promise<void> {
    for (let done = 0; done < length; ) {
      const piece = Math.min(length - done, Window.LARGEST);
      if (!window.has(offset + done, piece)) await window.load(offset + done, piece);
      bytes.append(window.view(offset + done, piece));
      done += piece;
    }
  }

  async function walk(message: Schema, start: number, end: number, depth: number): Promise<void> {
    if (depth > limits.maxDepth)
      throw new FormatError(
        `${message.name} at byte ${start}: nesting exceeds ${limits.maxDepth} messages`,
      );
    for (let at = start; at < end; ) {
      if (++fields > limits.maxFields)
        throw new FormatError(
          `${message.name} at byte ${at}: more than ${limits.maxFields} fields`,
        );
      const most = Math.min(LONGEST_HEADER, end - at);
      if (!window.has(at, most)) await window.load(at, most);
      const { no, field, headerLength, bodyLength } = readHeader(
        window.view(at, most),
        message,
        at,
      );
      const body = at + headerLength;
      if (bodyLength > end - body)
        throw new FormatError(
          `${place(message, field, no)} at byte ${at}: length=${bodyLength} exceeds the ${end - body} bytes left in its message`,
          { help: "The file is cut short or damaged." },
        );
      bytes.append(window.view(at, headerLength));
      at = body + bodyLength;

      const isSmall = bodyLength <= SMALL_MESSAGE_BYTES;
      if (isSmall && window.has(body, bodyLength)) bytes.append(window.view(body, bodyLength));
      else if (isSmall || !field) await copy(body, bodyLength);
      else if (field.message) await walk(field.message(), body, at, depth + 1);
      else if (mayStayBehind(field)) holes.set(bytes.length, payloadOf(source, body, bodyLength));
      else await copy(body, bodyLength);
    }
  }

  await walk(schema, 0, source.size, 1);
  return { bytes: bytes.finish(), holes };
}

function payloadOf(source: ByteSource, offset: number, length: number): Payload {
  return {
    length,
    read: () => source.read(offset, length),
    readRange: (start, count) => source.read(offset + start, count),
  };
}

function mayStayBehind(field: Field): boolean {
  return field.kind === "payload" || field.kind === "raw" || field.isPacked;
}

interface Header {
  readonly no: number;
  readonly field: Field | undefined;
  readonly headerLength: number;
  readonly bodyLength: number;
}

/** One field's tag, and how many bytes follow it. */
function readHeader(bytes: Uint8Array, message: Schema, at: number): Header {
  const reader = new WireReader(bytes);
  try {
    const tag = reader.tag();
    const [no, wire] = [tag >>> 3, tag & 7];
    const field = message.byNumber.get(no);
    if (wire === WIRE.delimited) {
      const bodyLength = reader.unsigned();
      return { no, field, headerLength: reader.pos, bodyLength };
    }
    reader.skip(wire);
    return { no, field, headerLength: reader.pos, bodyLength: 0 };
  } catch (cause) {
    throw new FormatError(`${message.name} at byte ${at}: no field begins here`, {
      help: "The file is damaged, or is not an ONNX model.",
      cause,
    });
  }
}

function place(message: Schema, field: Field | undefined, no: number): string {
  return `${message.name}.${field?.key ?? `field ${no}`}`;
}

/** A stretch of the source in memory; it grows while reading runs straight on, and is small after a jump. */
class Window {
  static readonly LARGEST = 1 << 20;
  static readonly #SMALLEST = 1 << 14;
  #start = 0;
  #bytes: Uint8Array = new Uint8Array(0);
  #size = Window.#SMALLEST;

  constructor(readonly source: ByteSource) {}

  has(offset: number, length: number): boolean {
    return offset >= this.#start && offset + length <= this.#start + this.#bytes.length;
  }

  view(offset: number, length: number): Uint8Array {
    return this.#bytes.subarray(offset - this.#start, offset - this.#start + length);
  }

  async load(offset: number, atLeast: number): Promise<void> {
    const runsOn = offset <= this.#start + this.#bytes.length && offset >= this.#start;
    this.#size = runsOn ? Math.min(this.#size * 2, Window.LARGEST) : Window.#SMALLEST;
    const length = Math.min(Math.max(this.#size, atLeast), this.source.size - offset);
    this.#bytes = await this.source.read(offset, length);
    this.#start = offset;
  }
}

class GrowingBytes {
  #bytes = new Uint8Array(1 << 16);
  length = 0;

  constructor(readonly limit: number) {}

  append(piece: Uint8Array): void {
    const length = this.length + piece.length;
    if (length > this.limit)
      throw new FormatError(
        `the model's structure without its weights exceeds maxStructureBytes=${this.limit}`,
        { help: "Raise the limit if you trust the file." },
      );
    if (length > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(Math.max(length, 2 * this.#bytes.length), this.limit));
      grown.set(this.#bytes.subarray(0, this.length));
      this.#bytes = grown;
    }
    this.#bytes.set(piece, this.length);
    this.length = length;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.length);
  }
}
