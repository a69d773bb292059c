import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Int } from "../graph/index.js";
import { FormatError } from "../util/errors.js";
import type { Field, Payload, Schema } from "./schema.js";
import type { Skeleton } from "./skeleton.js";
import { decodeText } from "./text-codec.js";

export interface DecodeLimits {
  /** Deepest nesting of messages. */
  readonly maxDepth: number;
  /** Most messages and strings in all. */
  readonly maxElements: number;
}

/**
 * Decodes a message out of a skeleton. Lengths in the skeleton are the file's, so positions are counted
 * as in the file: a place in the bytes plus what the holes before it hide.
 * @throws FormatError with the path to the fault, such as `graph.node[12].attribute[0]`.
 */
export function decode<T>(skeleton: Skeleton, schema: Schema, limits: DecodeLimits): T {
  const reader = new BinaryReader(skeleton.bytes);
  const path: string[] = [];
  let hidden = 0;
  let elements = 0;
  const position = () => reader.pos + hidden;
  const countElement = () => {
    if (++elements > limits.maxElements)
      throw new Error(`more than maxElements=${limits.maxElements} messages and strings`);
  };

  function message(of: Schema, end: number): unknown {
    if (path.length > limits.maxDepth)
      throw new Error(`nesting exceeds ${limits.maxDepth} messages`);
    const result: Record<string, unknown> = {};
    while (position() < end) {
      const start = reader.pos;
      const [no, wire] = reader.tag();
      const field = of.byNumber.get(no);
      if (!field || !fits(field, wire)) {
        if (wire === WireType.StartGroup || wire === WireType.EndGroup)
          throw new Error(`field ${no} is a group, which ONNX never uses`);
        countElement();
        reader.skip(wire, no);
        append(result, "unknown", skeleton.bytes.slice(start, reader.pos));
      } else if (wire === WireType.LengthDelimited) {
        delimited(field, result, end);
      } else {
        const value = scalar(field, wire);
        if (field.repeated || isPacked(field)) append(result, field.key, value);
        else result[field.key] = value;
      }
      if (position() > end) throw new Error(`field ${no} runs past the end of its message`);
    }
    return result;
  }

  function delimited(field: Field, result: Record<string, unknown>, end: number): void {
    const length = Number(reader.uint64());
    const left = end - position();
    if (length > left)
      throw new Error(
        `${field.key}: length=${length} exceeds the ${left} bytes left in its message`,
      );
    if (isPackable(field)) {
      const list = (result[field.key] as unknown[] | undefined) ?? [];
      result[field.key] = list;
      for (const last = position() + length; position() < last; )
        list.push(scalar(field, wireOf(field)));
      return;
    }
    countElement();
    if (field.kind !== "message") {
      const value = lengthDelimited(field, length);
      if (field.repeated || isPacked(field)) append(result, field.key, value);
      else result[field.key] = value;
      return;
    }
    const index = field.repeated
      ? `[${(result[field.key] as unknown[] | undefined)?.length ?? 0}]`
      : "";
    path.push(field.key + index);
    const value = message(field.message!(), position() + length);
    path.pop();
    if (field.repeated) append(result, field.key, value);
    else
      result[field.key] = result[field.key]
        ? merge(field.message!(), result[field.key], value)
        : value;
  }

  function lengthDelimited(field: Field, length: number): unknown {
    const start = reader.pos;
    const hole = skeleton.holes.get(start);
    if (hole) {
      hidden += hole.length;
      return hole;
    }
    if (start + length > skeleton.bytes.length) throw new Error(`${field.key} ends early`);
    reader.pos += length;
    const bytes = skeleton.bytes.subarray(start, reader.pos);
    if (field.kind === "string") return decodeText(bytes);
    return field.kind === "bytes" ? bytes.slice() : memoryPayload(bytes);
  }

  function scalar(field: Field, wire: WireType): Int | number | Payload {
    if (isPacked(field)) {
      countElement();
      const start = reader.pos;
      reader.skip(wire);
      return memoryPayload(skeleton.bytes.slice(start, reader.pos));
    }
    if (field.kind === "float") return reader.float();
    return field.kind === "int32" ? reader.int32() : toInt(BigInt(reader.int64()));
  }

  try {
    return message(schema, position() + virtualLength(skeleton)) as T;
  } catch (cause) {
    const where = path.length > 0 ? path.join(".") : schema.name;
    const what = cause instanceof Error ? cause.message : String(cause);
    throw new FormatError(`${where}: ${what}`, {
      help: "The file is damaged, or is not an ONNX model.",
      cause,
    });
  }
}

/** A payload that is in memory already. */
export function memoryPayload(bytes: Uint8Array): Payload {
  return { length: bytes.length, read: async () => bytes };
}

/** The wire type a field of this kind is written with when it stands alone. */
export function wireOf(field: Field): WireType {
  switch (field.kind) {
    case "int64":
    case "int32":
    case "packed-varint":
      return WireType.Varint;
    case "float":
    case "packed-fixed32":
      return WireType.Bit32;
    case "packed-fixed64":
      return WireType.Bit64;
    default:
      return WireType.LengthDelimited;
  }
}

export function isPacked(field: Field): boolean {
  return field.kind.startsWith("packed");
}

/** Repeated numbers come one by one or packed into one field; a reader takes both. */
function isPackable(field: Field): boolean {
  return (
    field.repeated && (field.kind === "int64" || field.kind === "int32" || field.kind === "float")
  );
}

function fits(field: Field, wire: WireType): boolean {
  if (wire === wireOf(field)) return true;
  return wire === WireType.LengthDelimited && (isPackable(field) || isPacked(field));
}

function append(result: Record<string, unknown>, key: string, value: unknown): void {
  const list = result[key] as unknown[] | undefined;
  if (list) list.push(value);
  else result[key] = [value];
}

/** Protobuf joins a singular message that comes twice: lists are joined, the later scalar wins. */
function merge(schema: Schema, first: unknown, second: unknown): unknown {
  const merged = { ...(first as Record<string, unknown>) };
  for (const [key, value] of Object.entries(second as Record<string, unknown>)) {
    const field = schema.fields.find((candidate) => candidate.key === key);
    if (Array.isArray(value)) merged[key] = [...((merged[key] as unknown[]) ?? []), ...value];
    else if (field?.kind === "message" && merged[key])
      merged[key] = merge(field.message!(), merged[key], value);
    else merged[key] = value;
  }
  return merged;
}

function toInt(value: bigint): Int {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function virtualLength(skeleton: Skeleton): number {
  let length = skeleton.bytes.length;
  for (const hole of skeleton.holes.values()) length += hole.length;
  return length;
}
