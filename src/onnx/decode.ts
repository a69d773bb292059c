import type { Int } from "../graph/index.js";
import { FormatError } from "../util/errors.js";
import { ByteMemo } from "./byte-memo.js";
import type { Field, Payload, Schema } from "./schema.js";
import type { Skeleton } from "./skeleton.js";
import { decodeText } from "./text-codec.js";
import { WIRE, WireReader } from "./wire.js";

export interface DecodeLimits {
  /** Deepest nesting of messages. */
  readonly maxDepth: number;
  /** Most messages, strings and unknown fields in all. */
  readonly maxElements: number;
  /** Most numbers in all, weights apart. */
  readonly maxNumbers: number;
}

type Message = Record<string, unknown>;

/**
 * Decodes a message out of a skeleton.
 * @throws FormatError with the path to the fault, such as `graph.node[12].attribute[0]`.
 */
export function decode<T>(skeleton: Skeleton, schema: Schema, limits: DecodeLimits): T {
  const decoder = new Decoder(skeleton, limits);
  const length = [...skeleton.holes.values()].reduce(
    (total, hole) => total + hole.length,
    skeleton.bytes.length,
  );
  try {
    return decoder.message(schema, length, {}) as T;
  } catch (cause) {
    const what = cause instanceof Error ? cause.message : String(cause);
    const isLimit = cause instanceof FormatError;
    throw new FormatError(`${decoder.where(schema.name)}: ${what}`, {
      help: isLimit ? cause.help : "The file is damaged, or is not an ONNX model.",
      cause,
    });
  }
}

/** Lengths in a skeleton are the file's, so positions count as in the file: holes included. */
class Decoder {
  readonly #reader: WireReader;
  readonly #strings: ByteMemo<string>;
  readonly #texts: ByteMemo<Uint8Array>;
  /** What was decoded of messages that are often the same. They are never written to again. */
  readonly #messages = new Map<Schema, ByteMemo<Message>>();
  /** Fields on the way to where we are, each followed by its index, or by -1 where it is the only one. */
  readonly #path: (string | number)[] = [];
  #hidden = 0;
  #elements = 0;
  #numbers = 0;

  constructor(
    readonly skeleton: Skeleton,
    readonly limits: DecodeLimits,
  ) {
    this.#reader = new WireReader(skeleton.bytes);
    const { bytes } = skeleton;
    this.#strings = new ByteMemo(bytes, (start, length) =>
      decodeText(bytes.subarray(start, start + length)),
    );
    this.#texts = new ByteMemo(bytes, (start, length) => bytes.slice(start, start + length));
  }

  /** The path to where decoding stopped. */
  where(root: string): string {
    const steps = this.#path.map((step) =>
      typeof step === "string" ? `.${step}` : step < 0 ? "" : `[${step}]`,
    );
    return steps.join("").slice(1) || root;
  }

  /** Decodes up to the position `end`. A message that comes in several parts is one, as in protobuf: `into`. */
  message(schema: Schema, end: number, into: Message): Message {
    const reader = this.#reader;
    let unknownFrom = -1;
    let growing: Field | undefined;
    while (this.#position < end) {
      const start = reader.pos;
      const tag = reader.tag();
      const wire = tag & 7;
      const field = schema.byNumber.get(tag >>> 3);
      if (!field || !fits(field, wire)) {
        reader.skip(wire);
        if (unknownFrom < 0) unknownFrom = start;
      } else {
        if (unknownFrom >= 0) this.#keepUnknown(into, unknownFrom, start);
        unknownFrom = -1;
        if (field !== growing) {
          if (growing) trim(into, growing);
          growing = isList(field) ? field : undefined;
        }
        if (wire === WIRE.delimited) this.#delimited(field, into, end);
        else if (isList(field)) listOf(into, field.key).push(this.#single(field));
        else into[field.key] = this.#single(field);
      }
      if (this.#position > end)
        throw new Error(`field ${tag >>> 3} runs past the end of its message`);
    }
    if (unknownFrom >= 0) this.#keepUnknown(into, unknownFrom, reader.pos);
    if (growing) trim(into, growing);
    return into;
  }

  /** Unknown fields that follow each other stay in one piece. */
  #keepUnknown(into: Message, from: number, to: number): void {
    this.#countElement();
    listOf(into, "unknown").push(this.skeleton.bytes.slice(from, to));
  }

  get #position(): number {
    return this.#reader.pos + this.#hidden;
  }

  #delimited(field: Field, into: Message, end: number): void {
    const length = this.#reader.unsigned();
    const left = end - this.#position;
    if (length > left)
      throw new Error(
        `${field.key}: length=${length} exceeds the ${left} bytes left in its message`,
      );
    if (field.message) this.#nested(field, field.message(), into, length);
    else if (field.wire !== WIRE.delimited && !field.isPacked) this.#packed(field, into, length);
    else if (isList(field)) listOf(into, field.key).push(this.#bytes(field, length));
    else into[field.key] = this.#bytes(field, length);
  }

  #nested(field: Field, schema: Schema, into: Message, length: number): void {
    this.#countElement();
    if (this.#path.length >= 2 * this.limits.maxDepth)
      throw new FormatError(`nesting exceeds ${this.limits.maxDepth} messages`);
    if (field.repeated) {
      const list = listOf(into, field.key);
      this.#path.push(field.key, list.length);
      list.push(
        schema.isOftenSame
          ? this.#same(schema, length)
          : this.message(schema, this.#position + length, {}),
      );
    } else {
      this.#path.push(field.key, -1);
      const known = into[field.key] as Message | undefined;
      into[field.key] = this.message(schema, this.#position + length, known ?? {});
    }
    this.#path.pop();
    this.#path.pop();
  }

  /** A message that may be equal to one decoded before, and is then the same object. */
  #same(schema: Schema, length: number): Message {
    let memo = this.#messages.get(schema);
    if (!memo) {
      memo = new ByteMemo(this.skeleton.bytes, (_, size) =>
        this.message(schema, this.#position + size, {}),
      );
      this.#messages.set(schema, memo);
    }
    const start = this.#reader.pos;
    const message = memo.get(start, length);
    if (this.#reader.pos === start) this.#reader.pos += length; // remembered, so not read
    return message;
  }

  /** Repeated numbers come one by one or packed into one field; a reader takes both. */
  #packed(field: Field, into: Message, length: number): void {
    const stop = this.#position + length;
    const list = listOf(into, field.key);
    while (this.#position < stop) list.push(this.#single(field));
    if (this.#position > stop) throw new Error(`${field.key}: the last number is cut short`);
  }

  /** A number that has a tag to itself, or stands in a list of packed ones. */
  #single(field: Field): Int | Payload {
    const reader = this.#reader;
    if (field.isPacked) {
      this.#countElement();
      const start = reader.pos;
      reader.skip(field.wire);
      return memoryPayload(this.skeleton.bytes.slice(start, reader.pos));
    }
    if (++this.#numbers > this.limits.maxNumbers)
      throw new FormatError(`more than ${this.limits.maxNumbers} numbers besides the weights`);
    if (field.kind === "float") return reader.float();
    return field.kind === "int32" ? reader.signed32() : reader.signed();
  }

  #bytes(field: Field, length: number): string | Uint8Array | Payload {
    this.#countElement();
    const reader = this.#reader;
    const start = reader.pos;
    const hole = field.kind === "string" ? undefined : this.skeleton.holes.get(start);
    if (hole) {
      this.#hidden += hole.length;
      return hole;
    }
    reader.skipBytes(length);
    if (field.kind === "string") return this.#strings.get(start, length);
    if (field.kind === "bytes") return this.#texts.get(start, length);
    return memoryPayload(this.skeleton.bytes.slice(start, reader.pos));
  }

  #countElement(): void {
    if (++this.#elements > this.limits.maxElements)
      throw new FormatError(
        `more than maxElements=${this.limits.maxElements} messages and strings`,
        { help: "Raise the limit if you trust the file." },
      );
  }
}

/** A payload that is in memory already. */
function memoryPayload(bytes: Uint8Array): Payload {
  return { length: bytes.length, read: async () => bytes };
}

function isList(field: Field): boolean {
  return field.repeated || field.isPacked;
}

function fits(field: Field, wire: number): boolean {
  return wire === field.wire || (wire === WIRE.delimited && isList(field));
}

function listOf(into: Message, key: string): unknown[] {
  const known = into[key] as unknown[] | undefined;
  if (known) return known;
  const list: unknown[] = [];
  into[key] = list;
  return list;
}

/** An array that grew item by item holds room for 17 and more; most lists are of two or three. */
function trim(into: Message, field: Field): void {
  const list = into[field.key] as unknown[];
  if (list.length < 16) into[field.key] = list.slice();
}
