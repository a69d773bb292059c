import type { LazyTensor } from "../tensor/index.js";
import type { Graph } from "./graph.js";

/** A 64-bit integer: a `number` where that is exact, else a `bigint` (`Slice` ends of 2^63 - 1). */
export type Int = number | bigint;

/** The value of a node's attribute, tagged as ONNX tags it. */
export type Attribute =
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "int"; readonly value: Int }
  | { readonly type: "string"; readonly value: string | Uint8Array }
  | { readonly type: "tensor"; readonly value: LazyTensor }
  | { readonly type: "graph"; readonly value: Graph }
  | { readonly type: "floats"; readonly value: readonly number[] }
  | { readonly type: "ints"; readonly value: readonly Int[] }
  | { readonly type: "strings"; readonly value: readonly (string | Uint8Array)[] }
  | { readonly type: "tensors"; readonly value: readonly LazyTensor[] }
  | { readonly type: "graphs"; readonly value: readonly Graph[] }
  /** Inside a function: the value is the caller's attribute of this name. */
  | { readonly type: "reference"; readonly value: string }
  /** Sparse tensors and types: the reader puts its own here and the writer takes it back. */
  | { readonly type: "opaque"; readonly value: unknown };

/** What {@link attributeOf} accepts: a plain value, or an attribute already tagged. */
export type AttributeLike =
  | number
  | bigint
  | string
  | readonly number[]
  | readonly string[]
  | LazyTensor
  | Graph
  | Attribute;

/**
 * Tags a plain value: whole numbers up to 2^53 are ints, others floats (write `{type: "float", value: 1}`
 * for a float that happens to be whole), `[]` is `ints`.
 */
export function attributeOf(value: AttributeLike): Attribute {
  if (typeof value === "bigint") return { type: "int", value };
  if (typeof value === "string") return { type: "string", value };
  if (typeof value === "number")
    return Number.isSafeInteger(value) ? { type: "int", value } : { type: "float", value };
  if (isArray(value)) {
    if (value.every((item) => typeof item === "string")) {
      if (value.length > 0) return { type: "strings", value: value as readonly string[] };
      return { type: "ints", value: [] };
    }
    const numbers = value as readonly number[];
    return numbers.every(Number.isSafeInteger)
      ? { type: "ints", value: numbers }
      : { type: "floats", value: numbers };
  }
  if ("load" in value) return { type: "tensor", value };
  if ("nodes" in value) return { type: "graph", value };
  return value;
}

/** The graphs an attribute holds: the bodies of If, Loop and Scan. */
export function subgraphsOf(attribute: Attribute): readonly Graph[] {
  if (attribute.type === "graph") return [attribute.value];
  return attribute.type === "graphs" ? attribute.value : [];
}

/** A 64-bit integer as a `number`, cut to the safe range, where bounds such as 2^63 - 1 mean "to the end". */
export function toNumber(value: Int): number {
  const number = Number(value);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, number));
}

function isArray(value: AttributeLike): value is readonly number[] | readonly string[] {
  return Array.isArray(value);
}
