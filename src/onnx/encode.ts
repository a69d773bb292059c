import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { isPacked, wireOf } from "./decode.js";
import type { Field, Payload, Schema } from "./schema.js";
import { encodeText } from "./text-codec.js";

/** Bytes to be written one after the other; payloads are read only when their turn comes. */
export interface Pieces {
  readonly length: number;
  readonly parts: readonly (Uint8Array | Payload)[];
}

/** Encodes a message, fields in the order of their numbers, unknown ones last, as protobuf does. */
export function encode(schema: Schema, message: object): Pieces {
  const out = new PieceWriter();
  const values = message as Readonly<Record<string, unknown>>;
  for (const field of schema.fields) {
    const value = values[field.key];
    if (value === undefined) continue;
    if (isPacked(field)) out.delimited(field.no, joined(value as readonly Payload[]));
    else if (field.repeated) for (const item of value as readonly unknown[]) one(out, field, item);
    else one(out, field, value);
  }
  for (const bytes of (values.unknown as readonly Uint8Array[] | undefined) ?? [])
    out.writer.raw(bytes);
  return out.finish();
}

/** All pieces in one array: for models that are known to be small. */
export async function join(pieces: Pieces): Promise<Uint8Array> {
  const bytes = new Uint8Array(pieces.length);
  let at = 0;
  for (const part of pieces.parts) {
    const piece = part instanceof Uint8Array ? part : await part.read();
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

function one(out: PieceWriter, field: Field, value: unknown): void {
  switch (field.kind) {
    case "int64":
      out.writer.tag(field.no, WireType.Varint).int64(value as number | bigint);
      return;
    case "int32":
      out.writer.tag(field.no, WireType.Varint).int32(value as number);
      return;
    case "float":
      out.writer.tag(field.no, wireOf(field)).float(value as number);
      return;
    case "string":
      out.writer.tag(field.no, WireType.LengthDelimited).bytes(encodeText(value as string));
      return;
    case "bytes":
      out.writer.tag(field.no, WireType.LengthDelimited).bytes(value as Uint8Array);
      return;
    case "message":
      out.delimited(field.no, encode(field.message!(), value as object));
      return;
    default:
      out.delimited(field.no, joined([value as Payload]));
  }
}

function joined(payloads: readonly Payload[]): Pieces {
  return {
    length: payloads.reduce((length, payload) => length + payload.length, 0),
    parts: payloads,
  };
}

/** Gathers small pieces into runs and lets payloads stand between them. */
class PieceWriter {
  writer: BinaryWriter = new BinaryWriter();
  readonly #parts: (Uint8Array | Payload)[] = [];

  delimited(no: number, body: Pieces): void {
    this.writer.tag(no, WireType.LengthDelimited).uint64(body.length);
    for (const part of body.parts) {
      if (part instanceof Uint8Array) {
        this.writer.raw(part);
      } else {
        this.#flush();
        this.#parts.push(part);
      }
    }
  }

  finish(): Pieces {
    this.#flush();
    const length = this.#parts.reduce((total, part) => total + part.length, 0);
    return { length, parts: this.#parts };
  }

  #flush(): void {
    const run = this.writer.finish();
    if (run.length > 0) this.#parts.push(run);
    this.writer = new BinaryWriter();
  }
}
