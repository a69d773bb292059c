import { createHash } from "node:crypto";
import type { Attribute, Graph, Model, Node, ValueType } from "../../src/graph/index.js";
import { FileTensor } from "../../src/onnx/index.js";
import { encodeText } from "../../src/onnx/text-codec.js";
import type { DType, LazyTensor } from "../../src/tensor/index.js";

/**
 * A model in the words of the fixtures' makers (`make-onnx-fixtures.py`, `make-text-fixtures.py`): what
 * ONNX's own Python package says of a file, and what we do, can be compared.
 */
export async function modelAsPython(model: Model): Promise<unknown> {
  return {
    irVersion: model.irVersion,
    opsets: [...model.opsets],
    producer: [textOf(model.producerName ?? ""), textOf(model.producerVersion ?? "")],
    doc: textOf(model.docString ?? ""),
    metadata: entriesOf(model.metadata),
    graph: await graphAsPython(model.graph),
    functions: await all(model.functions, async (definition) => ({
      name: definition.name,
      domain: definition.domain,
      overload: definition.overload,
      attributes: definition.attributeNames,
      defaults: await all(definition.attributeDefaults, attributeOf),
      inputs: definition.body.inputs.map((value) => textOf(value.name)),
      outputs: definition.body.outputs.map((value) => textOf(value.name)),
      nodes: await all(definition.body.nodes, nodeOf),
    })),
  };
}

/** `types` lists the outputs and the values between nodes that have a type, in any order. */
export async function graphAsPython(graph: Graph): Promise<unknown> {
  const typed = [...graph.values].filter(
    (value) => graph.outputs.includes(value) || (value.producer && value.type),
  );
  return {
    name: textOf(graph.name),
    doc: textOf(graph.docString ?? ""),
    metadata: entriesOf(graph.metadata),
    inputs: graph.inputs.map((value) => [textOf(value.name), typeOf(value.type)]),
    outputs: graph.outputs.map((value) => textOf(value.name)),
    types: sorted(typed.map((value) => [textOf(value.name), typeOf(value.type)])),
    initializers: sorted(
      await all(graph.initializers, async (value) => [
        textOf(value.name),
        await tensorOf(value.initializer!),
      ]),
    ),
    nodes: await all(graph.nodes, nodeOf),
  };
}

/** The maker's words, with lists that have no order sorted, and without what a graph does not model. */
export function normalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalized);
  if (typeof value !== "object" || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([k, v]) => [k, normalized(v)]));
  for (const key of ["types", "initializers"])
    if (Array.isArray(copy[key])) copy[key] = sorted(copy[key]);
  return copy;
}

async function nodeOf(node: Node): Promise<unknown> {
  return {
    name: textOf(node.name),
    op: node.op,
    domain: node.domain,
    doc: textOf(node.docString ?? ""),
    metadata: entriesOf(node.metadata),
    inputs: node.inputs.map((value) => textOf(value?.name ?? "")),
    outputs: node.outputs.map((value) => textOf(value?.name ?? "")),
    attributes: await all(node.attributes, attributeOf),
  };
}

async function attributeOf([name, attribute]: readonly [string, Attribute]): Promise<unknown> {
  return [textOf(name), await attributeValue(attribute)];
}

async function attributeValue({ type, value }: Attribute): Promise<unknown> {
  switch (type) {
    case "int":
      return [type, String(value)];
    case "ints":
      return [type, value.map(String)];
    case "float":
      return [type, Math.fround(value)];
    case "floats":
      return [type, value.map(Math.fround)];
    case "string":
    case "reference":
      return [type, textOf(value)];
    case "strings":
      return [type, value.map(textOf)];
    case "tensor":
      return [type, await tensorOf(value)];
    case "tensors":
      return [type, await all(value, tensorOf)];
    case "graph":
      return [type, await graphAsPython(value)];
    case "graphs":
      return [type, await all(value, graphAsPython)];
    case "opaque":
      return [type, null];
  }
}

async function tensorOf(tensor: LazyTensor): Promise<unknown> {
  if (tensor instanceof FileTensor && tensor.dtype === "string")
    return ["STRING", tensor.shape, tensor.strings().map(textOf)];
  const bytes = Buffer.from(await tensor.load());
  const digest = () => `sha256 ${createHash("sha256").update(bytes).digest("hex")}`;
  const content = bytes.length < 1000 ? bytes.toString("hex") : digest();
  return [wordOf(tensor.dtype), tensor.shape, content];
}

function typeOf(type: ValueType | null): unknown {
  if (type === null) return null;
  return type.kind === "opaque" ? "opaque" : [wordOf(type.dtype), type.shape?.map(dimOf) ?? null];
}

function dimOf(dim: number | string | null): unknown {
  return typeof dim === "string" ? textOf(dim) : dim;
}

function wordOf(dtype: DType): string {
  if (dtype === "float32") return "FLOAT";
  return dtype === "float64" ? "DOUBLE" : dtype.toUpperCase();
}

function textOf(text: string | Uint8Array): unknown {
  const bytes = Buffer.from(typeof text === "string" ? encodeText(text) : text);
  const asText = bytes.toString("utf8");
  return Buffer.from(asText).equals(bytes) ? asText : { base64: bytes.toString("base64") };
}

function entriesOf(map: ReadonlyMap<string, string>): unknown[] {
  return [...map].map(([key, value]) => [textOf(key), textOf(value)]);
}

function sorted(list: readonly unknown[]): unknown[] {
  return [...list].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

function all<T, R>(items: Iterable<T>, map: (item: T) => Promise<R>): Promise<R[]> {
  return Promise.all(Array.from(items, map));
}
