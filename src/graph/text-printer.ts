import type { LazyTensor } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import type { Attribute } from "./attribute.js";
import type { Graph } from "./graph.js";
import type { Node } from "./node.js";
import { literalsOf, numberText } from "./text-tensor.js";
import { quoted, quotedName, wordOf } from "./text-words.js";
import type { Dim, ValueType } from "./types.js";
import type { Value } from "./value.js";

/** Longer tensors are written without their elements. */
const MOST_ELEMENTS = 64;

/**
 * A graph in the form that `parseModel` reads, without a header. Elements are written where they are in
 * memory and at most 64; comments, metadata and the file's other extras are left out.
 *
 * @throws UsageError for what the form has no words for: values that are not tensors, lists of tensors
 * or graphs, attributes that are not text, operators whose name is no identifier.
 */
export function printGraph(graph: Graph): string {
  return `${printedGraph(graph, "")}\n`;
}

/** @param indent Of the line the graph begins on. */
function printedGraph(graph: Graph, indent: string): string {
  const inputs = graph.inputs.map((value) =>
    value.initializer ? `${declared(value)} = ${elements(value.initializer)}` : declared(value),
  );
  const outputs = graph.outputs.map(declared);
  const types = declarations(graph).map((line) => `${indent}  ${line}`);
  const nodes = graph.nodes.map((node) => `${indent}  ${printedNode(node, `${indent}  `)}\n`);
  return [
    `${quotedName(graph.name)} (${inputs.join(", ")}) => (${outputs.join(", ")})`,
    types.length > 0 ? `\n${indent}<\n${types.join(",\n")}\n${indent}>` : "",
    ` {\n${nodes.join("")}${indent}}`,
  ].join("");
}

/** Initializers, then what is known of the values between nodes. */
function declarations(graph: Graph): string[] {
  const constants = graph.initializers.filter((value) => !graph.inputs.includes(value));
  const between = [...graph.values].filter(
    (value) => value.producer && value.type && !graph.outputs.includes(value),
  );
  return [
    ...constants.map((value) => {
      const list = elements(value.initializer!);
      return list === FILLED ? declared(value) : `${declared(value)} = ${list}`;
    }),
    ...between.map(declared),
  ];
}

function declared(value: Value): string {
  const name = quotedName(value.name);
  return value.type ? `${typeText(value.type, value.name)} ${name}` : name;
}

function typeText(type: ValueType, what: string): string {
  if (type.kind === "opaque") throw unprintable(`the type of "${printable(what)}"`);
  const word = wordOf(type.dtype);
  if (type.shape?.length === 0) return word;
  return `${word}[${(type.shape ?? []).map(dimText).join(", ")}]`;
}

function dimText(dim: Dim): string {
  if (dim === null) return "?";
  return typeof dim === "number" ? String(dim) : quotedName(dim);
}

/** Stands for elements that the reader fills. */
const FILLED = "{}";

function elements(tensor: LazyTensor): string {
  const literals = literalsOf(tensor, MOST_ELEMENTS);
  return literals ? `{${literals.join(", ")}}` : FILLED;
}

function printedNode(node: Node, indent: string): string {
  const path = node.domain === "" ? node.op : `${node.domain}.${node.op}`;
  if (!/^[A-Za-z_]\w*(\.[A-Za-z_]\w*)*$/.test(path))
    throw unprintable(`the operator "${printable(path)}"`);
  const names = (values: readonly (Value | null)[]) =>
    values.map((value) => quotedName(value?.name ?? "")).join(", ");
  const attributes = [...node.attributes].map(([name, attribute]) =>
    printedAttribute(name, attribute, indent),
  );
  const label = node.name === "" ? "" : `[${quotedName(node.name)}] `;
  const list = attributes.length > 0 ? `<${attributes.join(", ")}>` : "";
  const call =
    node.subgraphs.length > 0
      ? `(${names(node.inputs)}) ${list}`
      : `${list}(${names(node.inputs)})`;
  return `${label}${names(node.outputs)} = ${path}${call}`;
}

function printedAttribute(name: string, attribute: Attribute, indent: string): string {
  if (!/^[A-Za-z_]\w*$/.test(name)) throw unprintable(`the attribute name "${printable(name)}"`);
  if (Array.isArray(attribute.value) && attribute.value.length === 0)
    return `${name}: ${attribute.type} = []`;
  return `${name} = ${attributeText(name, attribute, indent)}`;
}

function attributeText(name: string, attribute: Attribute, indent: string): string {
  switch (attribute.type) {
    case "int":
      return String(attribute.value);
    case "float":
      return floatText(attribute.value);
    case "string":
      return stringText(name, attribute.value);
    case "ints":
      return `[${attribute.value.join(", ")}]`;
    case "floats":
      return `[${attribute.value.map(floatText).join(", ")}]`;
    case "strings":
      return `[${attribute.value.map((text) => stringText(name, text)).join(", ")}]`;
    case "tensor": {
      const { dtype, shape } = attribute.value;
      return `${typeText({ kind: "tensor", dtype, shape }, name)} ${elements(attribute.value)}`;
    }
    case "graph":
      return printedGraph(attribute.value, indent);
    case "reference":
      return `@${quotedName(attribute.value)}`;
    default:
      throw unprintable(`the attribute "${printable(name)}" of type ${attribute.type}`);
  }
}

/** A point tells a float from an integer. */
function floatText(value: number): string {
  const text = numberText(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

function stringText(name: string, text: string | Uint8Array): string {
  if (typeof text === "string") return quoted(text);
  throw unprintable(`the attribute "${printable(name)}", which holds bytes`);
}

function unprintable(what: string): UsageError {
  return new UsageError(`printGraph: ${what} cannot be written as text`);
}
