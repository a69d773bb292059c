import {
  type Attribute,
  type FunctionDefinition,
  type Graph,
  type Model,
  type Node,
  topologicalOrder,
  type Value,
  type ValueType,
} from "../graph/index.js";
import { dtypeInfo, type LazyTensor } from "../tensor/index.js";
import type { DeclaredValue, FunctionCarry, GraphCarry, ModelCarry, NodeCarry } from "./carry.js";
import { FileTensor } from "./file-tensor.js";
import type {
  AttributeProto,
  FunctionProto,
  GraphProto,
  ModelProto,
  NodeProto,
  OperatorSetIdProto,
  StringEntryProto,
  TensorProto,
  TypeProto,
  ValueInfoProto,
} from "./schema.js";
import { encodeText } from "./text-codec.js";

/** Decides where an initializer's numbers go; by default into the model itself. */
export type PlaceTensor = (proto: TensorProto, tensor: LazyTensor) => TensorProto;

const inline: PlaceTensor = (proto) => proto;

/** Turns a model back into messages. What was not touched since reading goes back as it came. */
export function modelToProto(model: Model, place: PlaceTensor = inline): ModelProto {
  const { proto } = (model.carry as ModelCarry | undefined) ?? { proto: {} };
  return {
    ...proto,
    irVersion: model.irVersion === 0 ? proto.irVersion : model.irVersion,
    producerName: model.producerName,
    producerVersion: model.producerVersion,
    domain: model.domain,
    modelVersion: model.modelVersion,
    docString: model.docString,
    graph: graphToProto(model.graph, place),
    opsetImport: opsetsToProto(model.opsets, proto.opsetImport),
    metadataProps: entriesToProto(model.metadata, proto.metadataProps),
    functions: some(model.functions.map((definition) => definitionToProto(definition, place))),
  };
}

/** Nodes keep the file's order while that is topological, which ONNX asks for; else the nearest one that is. */
function graphToProto(graph: Graph, place: PlaceTensor): GraphProto {
  const carry = graph.carry as GraphCarry | undefined;
  const proto = carry?.proto ?? {};
  const listed = new Set<Value>([...graph.inputs, ...graph.outputs]);
  const valueInfo: ValueInfoProto[] = [];
  for (const declared of carry?.valueInfo ?? []) {
    const { value } = declared;
    if (value && graph.find(value.name) !== value) continue; // removed since
    valueInfo.push(value ? valueToProto(value, declared) : declared.proto);
    if (value) listed.add(value);
  }
  for (const value of graph.values)
    if (value.type && value.producer && !listed.has(value)) valueInfo.push(valueToProto(value));

  return {
    ...proto,
    node: some(topologicalOrder(graph).map((node) => nodeToProto(node, place))),
    name: kept(graph.name, proto.name),
    initializer: some(
      graph.initializers.map((value) =>
        place(tensorToProto(value.initializer!, value.name), value.initializer!),
      ),
    ),
    docString: graph.docString,
    input: some(graph.inputs.map((value) => valueToProto(value, carry?.inputs.get(value)))),
    output: some(graph.outputs.map((value) => valueToProto(value, carry?.outputs.get(value)))),
    valueInfo: some(valueInfo),
    metadataProps: entriesToProto(graph.metadata, proto.metadataProps),
  };
}

function definitionToProto(definition: FunctionDefinition, place: PlaceTensor): FunctionProto {
  const { proto } = (definition.carry as FunctionCarry | undefined) ?? { proto: {} };
  return {
    ...proto,
    name: kept(definition.name, proto.name),
    domain: kept(definition.domain, proto.domain),
    overload: kept(definition.overload, proto.overload),
    input: some(definition.body.inputs.map((value) => value.name)),
    output: some(definition.body.outputs.map((value) => value.name)),
    attribute: some([...definition.attributeNames]),
    attributeProto:
      proto.attributeProto ??
      some(
        [...definition.attributeDefaults].map(([name, value]) =>
          attributeToProto(name, value, place),
        ),
      ),
    node: some(topologicalOrder(definition.body).map((node) => nodeToProto(node, place))),
    opsetImport: opsetsToProto(definition.opsets, proto.opsetImport),
  };
}

function nodeToProto(node: Node, place: PlaceTensor): NodeProto {
  const carry = node.carry as NodeCarry | undefined;
  const proto = carry?.proto ?? {};
  const attributes = [...node.attributes].map(([name, attribute]) => {
    const read = carry?.attributes.get(name);
    return attributeToProto(
      name,
      attribute,
      place,
      read?.parsed === attribute ? read.proto : undefined,
    );
  });
  return {
    ...proto,
    input: some(node.inputs.map((value) => value?.name ?? "")),
    output: some(node.outputs.map((value) => value?.name ?? "")),
    name: kept(node.name, proto.name),
    opType: node.op,
    attribute: some(attributes),
    docString: node.docString,
    domain: kept(node.domain, proto.domain),
    metadataProps: entriesToProto(node.metadata, proto.metadataProps),
  };
}

/** An attribute nobody replaced since reading goes back as it came, but for the graphs and tensors in it. */
function attributeToProto(
  name: string,
  attribute: Attribute,
  place: PlaceTensor,
  asRead?: AttributeProto,
): AttributeProto {
  const tensor = (value: LazyTensor) =>
    tensorToProto(value, value instanceof FileTensor ? value.proto.name : undefined);
  const base = asRead ?? { name };
  switch (attribute.type) {
    case "tensor":
      return { type: 4, ...base, t: tensor(attribute.value) };
    case "graph":
      return { type: 5, ...base, g: graphToProto(attribute.value, place) };
    case "tensors":
      return { type: 9, ...base, tensors: some(attribute.value.map(tensor)) };
    case "graphs":
      return {
        type: 10,
        ...base,
        graphs: some(attribute.value.map((body) => graphToProto(body, place))),
      };
  }
  if (asRead) return asRead;
  switch (attribute.type) {
    case "float":
      return { name, type: 1, f: attribute.value };
    case "int":
      return { name, type: 2, i: attribute.value };
    case "string":
      return { name, type: 3, s: textBytes(attribute.value) };
    case "floats":
      return { name, type: 6, floats: attribute.value };
    case "ints":
      return { name, type: 7, ints: attribute.value };
    case "strings":
      return { name, type: 8, strings: attribute.value.map(textBytes) };
    case "reference":
      return { name, refAttrName: attribute.value };
    case "opaque":
      return { name };
  }
}

/** A tensor with its numbers in the model; those of an external file are fetched when they are written. */
export function tensorToProto(tensor: LazyTensor, name: string | undefined): TensorProto {
  if (tensor instanceof FileTensor) {
    if (!tensor.isExternal) return { ...tensor.proto, name };
    const { dataLocation, externalData, ...proto } = tensor.proto;
    return { ...proto, name, rawData: { length: tensor.byteLength, read: () => tensor.load() } };
  }
  return {
    dims: some([...tensor.shape]),
    dataType: dtypeInfo(tensor.dtype).onnx,
    name,
    rawData: { length: tensor.byteLength, read: () => tensor.load() },
  };
}

function valueToProto(value: Value, declared?: DeclaredValue): ValueInfoProto {
  if (declared && declared.type === value.type) return { ...declared.proto, name: value.name };
  return {
    ...declared?.proto,
    name: value.name,
    type: value.type ? typeToProto(value.type) : undefined,
  };
}

function typeToProto(type: ValueType): TypeProto | undefined {
  if (type.kind === "opaque") return undefined;
  const dim = (size: number | string | null) =>
    typeof size === "string" ? { dimParam: size } : size === null ? {} : { dimValue: size };
  return {
    tensorType: {
      elemType: dtypeInfo(type.dtype).onnx,
      shape: type.shape ? { dim: some(type.shape.map(dim)) } : undefined,
    },
  };
}

function entriesToProto(
  map: ReadonlyMap<string, string>,
  asRead: readonly StringEntryProto[] | undefined,
): readonly StringEntryProto[] | undefined {
  const same =
    asRead?.length === map.size &&
    asRead.every((entry) => map.get(entry.key ?? "") === (entry.value ?? ""));
  if (same) return asRead;
  return some([...map].map(([key, value]) => ({ key, value })));
}

function opsetsToProto(
  opsets: ReadonlyMap<string, number>,
  asRead: readonly OperatorSetIdProto[] | undefined,
): readonly OperatorSetIdProto[] | undefined {
  const same =
    asRead?.length === opsets.size &&
    asRead.every((entry) => opsets.get(entry.domain ?? "") === Number(entry.version ?? 0));
  if (same) return asRead;
  return some([...opsets].map(([domain, version]) => ({ domain, version })));
}

function textBytes(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? encodeText(text) : text;
}

/** Lists that are empty are not written at all. */
function some<T>(list: T[]): T[] | undefined {
  return list.length > 0 ? list : undefined;
}

/** An empty name is written only where the file had one. */
function kept(text: string, asRead: string | undefined): string | undefined {
  return text === "" && asRead === undefined ? undefined : text;
}
