import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import * as schemas from "./schema.js";
import { WIRE } from "./wire.js";

interface OnnxField {
  readonly no: number;
  readonly type: string;
  readonly repeated: boolean;
  readonly packed: boolean;
  readonly message: string | null;
}

/** The messages of the installed onnx package: see fixtures/make-schema.py. */
const onnx: Record<string, Record<string, OnnxField>> = JSON.parse(
  readFileSync(new URL("./fixtures/schema.json", import.meta.url), "utf8"),
);

const ours = Object.values(schemas).filter((item) => "fields" in item);

/** The kinds a field of onnx.proto may have with us. */
function kindsOf({ type, packed }: OnnxField): string[] {
  if (packed) {
    if (type === "float") return ["packed-fixed32"];
    return [type === "double" ? "packed-fixed64" : "packed-varint"];
  }
  if (type === "enum") return ["int32"];
  if (type === "message") return ["message", "raw"];
  return type === "bytes" ? ["bytes", "payload"] : [type];
}

it("all messages with a schema are tested", () => {
  expect(ours).toHaveLength(14);
});

describe.each(ours)("$name", ({ name, fields, byNumber }) => {
  const theirs = Object.values(onnx[name]);

  it("has every field of onnx.proto, and none besides", () => {
    expect(fields.map((field) => field.no)).toEqual(
      theirs.map(({ no }) => no).sort((a, b) => a - b),
    );
  });

  it.each(theirs)("field $no is what it is in onnx.proto", (theirField) => {
    const field = byNumber.get(theirField.no)!;
    expect(kindsOf(theirField)).toContain(field.kind);
    expect(field.repeated || field.isPacked).toBe(theirField.repeated);
    expect(field.isPacked).toBe(theirField.packed);
    if (field.message) expect(field.message().name.split(".").at(-1)).toBe(theirField.message);
  });
});

it("the wire type follows from the kind", () => {
  const wires = new Map(ours.flatMap(({ fields }) => fields.map((f) => [f.kind, f.wire] as const)));
  expect(Object.fromEntries(wires)).toEqual({
    int64: WIRE.varint,
    int32: WIRE.varint,
    "packed-varint": WIRE.varint,
    float: WIRE.fixed32,
    "packed-fixed32": WIRE.fixed32,
    "packed-fixed64": WIRE.fixed64,
    string: WIRE.delimited,
    bytes: WIRE.delimited,
    payload: WIRE.delimited,
    raw: WIRE.delimited,
    message: WIRE.delimited,
  });
});
