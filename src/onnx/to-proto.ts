import {
  type Attribute,
  type FunctionDefinition,
  type Graph,
  type Model,
  type Node,
  toNumber,
  topologicalOrder,
  type Value,
  type ValueType,
} from "../graph/index.js";
import { dtypeInfo, type LazyTensor } from "../tensor/index.js";
import { GraphError, UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import type {
  DeclaredValue,
  FunctionCarry,
  GraphCarry,
  ModelCarry,
  NodeCarry,
  SparseInitializer,
} from "./carry.js";
import { FileTensor } from "./file-tensor.js";
import type {
  AttributeProto,
  FunctionProto,
  GraphProto,
  ModelProto,
  NodeProto,
  OperatorSetIdProto,
  Payload,
  SparseTensorProto,
  StringEntryProto,
  TensorProto,
  TypeProto,
  ValueInfoProto,
} from "./schema.js";
import { encodeText } from "./text-codec.js";

/** Decides where an initializer's numbers go; by default into the model itself. */
export type PlaceTensor = (proto: TensorProto, tensor: LazyTensor) => TensorProto;

const inline: PlaceTensor = (proto) => proto;

/** What holds for one writing. */
interface Writing {
  readonly place: PlaceTensor;
  /** The values of each graph that have their source in no node and no initializer. */
  readonly given: Map<Graph, ReadonlySet<Value>>;
}

/** `AttributeProto.AttributeType`. A reference says no type: it has that of what it refers to. */
const ATTRIBUTE_TYPES: Readonly<Record<Attribute["type"], number | undefined>> = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  graph: 5,
  floats: 6,
  ints: 7,
  strings: 8,
  tensors: 9,
  graphs: 10,
  reference: undefined,
  opaque: undefined,
};

/** Turns a model back into messages. What was not touched since reading goes back as it came. */
export function modelToProto(model: Model, place: PlaceTensor = inline): ModelProto {
  const { proto } = (model.carry as ModelCarry | undefined) ?? { proto: {} };
  const writing: Writing = { place, given: new Map() };
  return {
    ...proto,
    irVersion: model.irVersion === 0 ? proto.irVersion : model.irVersion,
    producerName: model.producerName,
    producerVersion: model.producerVersion,
    domain: model.domain,
    modelVersion: model.modelVersion,
    docString: model.docString,
    graph: graphToProto(model.graph, writing),
    opsetImport: opsetsToProto(model.opsets, proto.opsetImport),
    metadataProps: entriesToProto(model.metadata, proto.metadataProps),
    functions: some(model.functions.map((definition) => definitionToProto(definition, writing))),
  };
}

/**
 * Nodes keep the file's order while that is topological, which ONNX asks for; else the nearest one that is.
 * @throws GraphError when what a node reads could not be found by its name in the file.
 */
function graphToProto(graph: Graph, writing: Writing): GraphProto {
  const carry = graph.carry as GraphCarry | undefined;
  const proto = carry?.proto ?? {};
  for (const output of graph.outputs) checkReadable(graph, output, "the graph's output", writing);
  return {
    ...proto,
    node: some(topologicalOrder(graph).map((node) => nodeToProto(node, writing))),
    name: kept(graph.name, proto.name),
    initializer: some(
      initializersOf(graph, carry).map((value) =>
        writing.place(tensorToProto(value.initializer!, value.name), value.initializer!),
      ),
    ),
    docString: graph.docString,
    input: some(graph.inputs.map((value) => valueToProto(value, carry?.inputs.get(value)))),
    output: some(outputsOf(graph, carry)),
    valueInfo: some(valueInfoOf(graph, carry)),
    sparseInitializer: some(
      (carry?.sparseInitializers ?? [])
        .filter(({ value }) => isIn(graph, value))
        .map(sparseToProto),
    ),
    metadataProps: entriesToProto(graph.metadata, proto.metadataProps),
  };
}

/** Each as it was declared at its place, else as the value was declared first. */
function outputsOf(graph: Graph, carry: GraphCarry | undefined): ValueInfoProto[] {
  const declared = carry?.outputs ?? [];
  const first = new Map(declared.toReversed().map((output) => [output.value, output]));
  return graph.outputs.map((value, i) =>
    valueToProto(value, declared[i]?.value === value ? declared[i] : first.get(value)),
  );
}

/** In the file's order, then those added since. */
function initializersOf(graph: Graph, carry: GraphCarry | undefined): Value[] {
  const values = new Set(carry?.initializers.filter((value) => isIn(graph, value)));
  for (const value of graph.initializers) values.add(value);
  return [...values].filter((value) => value.initializer !== null);
}

/** What is known of values that are neither inputs nor outputs: as the file had it, then what is new. */
function valueInfoOf(graph: Graph, carry: GraphCarry | undefined): ValueInfoProto[] {
  const listed = new Set<Value>([...graph.inputs, ...graph.outputs]);
  const infos: ValueInfoProto[] = [];
  for (const declared of carry?.valueInfo ?? []) {
    const { value, proto } = declared;
    if (value && !isIn(value.graph, value)) continue; // removed since
    infos.push(value ? valueToProto(value, declared) : proto);
    if (value) listed.add(value);
  }
  for (const value of graph.values)
    if (value.type && value.producer && !listed.has(value)) infos.push(valueToProto(value));
  return infos;
}

function isIn(graph: Graph, value: Value): boolean {
  return graph.find(value.name) === value;
}

/** @throws GraphError unless the value has a source, and its name, looked up from this graph, leads to it. */
function checkReadable(graph: Graph, value: Value, reader: Node | string, writing: Writing): void {
  const fault = faultOf(graph, value, writing);
  if (!fault) return;
  const who = typeof reader === "string" ? reader : `"${printable(reader.label)}"`;
  throw new GraphError(`${who} reads "${printable(value.name)}", which ${fault}`);
}

function faultOf(graph: Graph, value: Value, writing: Writing): string | undefined {
  const found = graph.find(value.name);
  if (!found) return "was removed";
  if (found !== value) return "another value of that name hides";
  const hasSource = value.producer || value.initializer || givenOf(value.graph, writing).has(value);
  return hasSource ? undefined : "nothing produces";
}

function givenOf(graph: Graph, writing: Writing): ReadonlySet<Value> {
  const known = writing.given.get(graph);
  if (known) return known;
  const carry = graph.carry as GraphCarry | undefined;
  const sparse = carry?.sparseInitializers.map(({ value }) => value) ?? [];
  const given = new Set([...graph.inputs, ...sparse]);
  writing.given.set(graph, given);
  return given;
}

function definitionToProto(definition: FunctionDefinition, writing: Writing): FunctionProto {
  const { proto } = (definition.carry as FunctionCarry | undefined) ?? { proto: {} };
  const reader = `the output of function "${printable(definition.name)}"`;
  for (const output of definition.body.outputs)
    checkReadable(definition.body, output, reader, writing);
  return {
    ...proto,
    name: kept(definition.name, proto.name),
    domain: kept(definition.domain, proto.domain),
    overload: kept(definition.overload, proto.overload),
    input: some(definition.body.inputs.map((value) => value.name)),
    output: some(definition.body.outputs.map((value) => value.name)),
    attribute: some([...definition.attributeNames]),
    attributeProto: some(
      [...definition.attributeDefaults].map(([name, value], i) =>
        attributeToProto(name, value, writing, proto.attributeProto?.[i]),
      ),
    ),
    node: some(topologicalOrder(definition.body).map((node) => nodeToProto(node, writing))),
    opsetImport: opsetsToProto(definition.opsets, proto.opsetImport),
  };
}

function nodeToProto(node: Node, writing: Writing): NodeProto {
  const carry = node.carry as NodeCarry | undefined;
  const proto = carry?.proto ?? {};
  for (const input of node.inputs) if (input) checkReadable(node.graph, input, node, writing);
  const attributes = [...node.attributes].map(([name, attribute], i) => {
    const same = carry?.attributes[i] === attribute;
    const read = proto.attribute?.[same ? i : (carry?.attributes.indexOf(attribute) ?? -1)];
    return attributeToProto(name, attribute, writing, read?.name === name ? read : undefined);
  });
  return {
    input: some(node.inputs.map((value) => value?.name ?? "")),
    output: some(node.outputs.map((value) => value?.name ?? "")),
    name: kept(node.name, proto.name),
    opType: node.op,
    attribute: some(attributes),
    docString: node.docString,
    domain: kept(node.domain, proto.domain),
    overload: proto.overload,
    metadataProps: entriesToProto(node.metadata, proto.metadataProps),
    deviceConfigurations: proto.deviceConfigurations,
    unknown: proto.unknown,
  };
}

/** An attribute nobody replaced since reading goes back as it came, but for the graphs and tensors in it. */
function attributeToProto(
  name: string,
  attribute: Attribute,
  writing: Writing,
  asRead?: AttributeProto,
): AttributeProto {
  const tensor = (value: LazyTensor) =>
    tensorToProto(value, value instanceof FileTensor ? value.proto.name : undefined);
  const type = ATTRIBUTE_TYPES[attribute.type];
  const base = asRead ?? { name, type };
  switch (attribute.type) {
    case "tensor":
      return { ...base, t: tensor(attribute.value) };
    case "graph":
      return { ...base, g: graphToProto(attribute.value, writing) };
    case "tensors":
      return { ...base, tensors: some(attribute.value.map(tensor)) };
    case "graphs":
      return { ...base, graphs: some(attribute.value.map((body) => graphToProto(body, writing))) };
  }
  if (asRead) return asRead;
  switch (attribute.type) {
    case "float":
      return { name, type, f: attribute.value };
    case "int":
      return { name, type, i: attribute.value };
    case "string":
      return { name, type, s: textBytes(attribute.value) };
    case "floats":
      return { name, type, floats: attribute.value };
    case "ints":
      return { name, type, ints: attribute.value };
    case "strings":
      return { name, type, strings: attribute.value.map(textBytes) };
    case "reference":
      return { name, refAttrName: attribute.value };
    case "opaque":
      return { ...(attribute.value as AttributeProto), name };
  }
}

/**
 * A tensor with its numbers in the model; those of an external file are fetched when they are written.
 * @throws UsageError for strings that did not come from a file.
 */
export function tensorToProto(tensor: LazyTensor, name: string | undefined): TensorProto {
  if (tensor instanceof FileTensor) {
    if (!tensor.isExternal)
      return tensor.proto.name === name ? tensor.proto : { ...tensor.proto, name };
    const { dataLocation, externalData, ...proto } = tensor.proto;
    return { ...proto, name, rawData: payloadOf(tensor) };
  }
  if (tensor.dtype === "string")
    throw new UsageError(`"${printable(name ?? "")}": a tensor of strings must come from a file`);
  return {
    dims: some([...tensor.shape]),
    dataType: dtypeInfo(tensor.dtype).onnx,
    name,
    rawData: payloadOf(tensor),
  };
}

export function payloadOf(tensor: LazyTensor): Payload {
  return { length: tensor.byteLength, read: () => tensor.load() };
}

function sparseToProto({ proto, value, values, indices }: SparseInitializer): SparseTensorProto {
  return {
    ...proto,
    values: tensorToProto(values, value.name),
    indices: proto.indices && tensorToProto(indices, proto.indices.name),
  };
}

function valueToProto(value: Value, declared?: DeclaredValue): ValueInfoProto {
  if (declared && declared.type === value.type)
    return declared.proto.name === value.name
      ? declared.proto
      : { ...declared.proto, name: value.name };
  return {
    ...declared?.proto,
    name: value.name,
    type: value.type ? typeToProto(value.type) : undefined,
  };
}

function typeToProto(type: ValueType): TypeProto | undefined {
  if (type.kind === "opaque") return type.carry as TypeProto | undefined;
  const dim = (size: number | string | null) =>
    typeof size === "string" ? { dimParam: size } : size === null ? {} : { dimValue: size };
  return {
    tensorType: {
      elemType: dtypeInfo(type.dtype).onnx,
      shape: type.shape ? { dim: some(type.shape.map(dim)) } : undefined,
    },
  };
}

/** As the file has them, while they say the same. */
function entriesToProto(
  map: ReadonlyMap<string, string>,
  asRead: readonly StringEntryProto[] | undefined,
): readonly StringEntryProto[] | undefined {
  if (!asRead && map.size === 0) return undefined;
  const read = new Map(asRead?.map((entry) => [entry.key ?? "", entry.value ?? ""]));
  return sameEntries(map, read) ? asRead : some([...map].map(([key, value]) => ({ key, value })));
}

function opsetsToProto(
  opsets: ReadonlyMap<string, number>,
  asRead: readonly OperatorSetIdProto[] | undefined,
): readonly OperatorSetIdProto[] | undefined {
  const read = new Map(asRead?.map((entry) => [entry.domain ?? "", toNumber(entry.version ?? 0)]));
  return sameEntries(opsets, read)
    ? asRead
    : some([...opsets].map(([domain, version]) => ({ domain, version })));
}

function sameEntries<V>(a: ReadonlyMap<string, V>, b: ReadonlyMap<string, V>): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
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
