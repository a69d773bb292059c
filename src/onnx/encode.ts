import type { Int } from "../graph/index.js";
import { FormatError, UsageError } from "../util/errors.js";
import { BackwardWriter } from "./backward-writer.js";
import type { Field, Payload, Schema } from "./schema.js";
import { WIRE } from "./wire.js";

/** Bytes to be written one after the other; payloads are read only when their turn comes. */
export interface Pieces {
  readonly length: number;
  readonly parts: readonly (Uint8Array | Payload)[];
}

/** Encodes a message, fields in the order of their numbers, unknown ones last, as protobuf does. */
export function encode(schema: Schema, message: object): Pieces {
  const out = new BackwardWriter();
  writeMessage(out, schema, message);
  return { length: out.length, parts: out.parts() };
}

/** All pieces in one array: for models that are known to be small. */
export async function join(pieces: Pieces): Promise<Uint8Array> {
  const bytes = new Uint8Array(pieces.length);
  let at = 0;
  for (const part of pieces.parts) {
    bytes.set(await readPart(part), at);
    at += part.length;
  }
  return bytes;
}

/** @throws FormatError when a tensor gives more or fewer bytes than it announced. */
export async function readPart(part: Uint8Array | Payload): Promise<Uint8Array> {
  if (part instanceof Uint8Array) return part;
  const bytes = await part.read();
  if (bytes.length !== part.length)
    throw new FormatError(`a tensor gave ${bytes.length} bytes, but announced ${part.length}`);
  return bytes;
}

/** All is written backwards here: the last field first, the last item of a list first. */
function writeMessage(out: BackwardWriter, schema: Schema, message: object): void {
  const values = message as Readonly<Record<string, unknown>>;
  const unknown = values.unknown as readonly Uint8Array[] | undefined;
  if (unknown) backwards(unknown, (bytes) => out.bytes(bytes));
  const { fields } = schema;
  for (let i = fields.length - 1; i >= 0; i--) {
    const value = values[fields[i].key];
    if (value === undefined) continue;
    if (fields[i].repeated)
      backwards(value as readonly unknown[], (item) => writeField(out, fields[i], item));
    else writeField(out, fields[i], value);
  }
}

function writeField(out: BackwardWriter, field: Field, value: unknown): void {
  const end = out.length;
  switch (field.kind) {
    case "int64":
    case "int32":
      out.varint(checkedInt(value as Int));
      out.tag(field.no, field.wire);
      return;
    case "float":
      out.float(value as number);
      out.tag(field.no, field.wire);
      return;
    case "message":
      writeMessage(out, field.message!(), value as object);
      break;
    case "string":
      out.text(value as string);
      break;
    case "bytes":
      out.bytes(value as Uint8Array);
      break;
    case "payload":
    case "raw":
      out.payload(value as Payload);
      break;
    default: // packed numbers, in as many pieces as the file had
      backwards(value as readonly Payload[], (payload) => out.payload(payload));
  }
  out.varint(out.length - end);
  out.tag(field.no, WIRE.delimited);
}

/** @throws UsageError for what no 64-bit integer is. */
function checkedInt(value: Int): Int {
  const fits =
    typeof value === "bigint" ? BigInt.asIntN(64, value) === value : Number.isSafeInteger(value);
  if (!fits) throw new UsageError(`value=${value} must be a whole number of 64 bits`);
  return value;
}

function backwards<T>(items: readonly T[], visit: (item: T) => void): void {
  for (let i = items.length - 1; i >= 0; i--) visit(items[i]);
}
