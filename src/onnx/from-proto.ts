import {
  type Attribute,
  type Dim,
  type FunctionDefinition,
  Graph,
  Model,
  toNumber,
  topologicalOrder,
  type Value,
  type ValueType,
} from "../graph/index.js";
import { dtypeFromOnnx, isShape } from "../tensor/index.js";
import { FormatError, GraphError } from "../util/errors.js";
import { printable } from "../util/text.js";
import type {
  DeclaredValue,
  FunctionCarry,
  GraphCarry,
  ModelCarry,
  NodeCarry,
  SparseInitializer,
} from "./carry.js";
import { FileTensor, type OpenExternal } from "./file-tensor.js";
import type {
  AttributeProto,
  FunctionProto,
  GraphProto,
  ModelProto,
  NodeProto,
  OperatorSetIdProto,
  SparseTensorProto,
  StringEntryProto,
  TensorProto,
  TypeProto,
  ValueInfoProto,
} from "./schema.js";
import { decodeText, isText } from "./text-codec.js";

/**
 * Links a decoded model into a graph.
 * @throws FormatError when a part is missing or of an unknown kind.
 * @throws GraphError for two producers of a name, a name nobody produces, or a cycle.
 */
export function modelFromProto(proto: ModelProto, openExternal?: OpenExternal): Model {
  if (!proto.graph)
    throw new FormatError("the file holds no graph", {
      help: "It is not an ONNX model, or only part of one.",
    });
  const model = new Model(new GraphReader(openExternal).graph(proto.graph, null, "graph"));
  model.irVersion = proto.irVersion === undefined ? 0 : toNumber(proto.irVersion);
  setEntries(model.opsets, opsets(proto.opsetImport));
  model.producerName = proto.producerName;
  model.producerVersion = proto.producerVersion;
  model.domain = proto.domain;
  model.modelVersion = proto.modelVersion;
  model.docString = proto.docString;
  setEntries(model.metadata, entries(proto.metadataProps));
  for (const definition of proto.functions ?? [])
    model.functions.push(new GraphReader(openExternal).definition(definition));
  model.carry = { proto } satisfies ModelCarry;
  return model;
}

/** The way to a graph that lies deep in others is cut in the middle. */
const LONGEST_PLACE = 300;

class GraphReader {
  constructor(readonly openExternal: OpenExternal | undefined) {}

  graph(proto: GraphProto, parent: Graph | null, where: string): Graph {
    const graph = new Graph(parent);
    graph.name = proto.name ?? "";
    graph.docString = proto.docString;
    setEntries(graph.metadata, entries(proto.metadataProps));

    const inputs = new Map<Value, DeclaredValue>();
    for (const info of proto.input ?? []) {
      const name = this.#newName(graph, info.name, `${where}.input`);
      const type = typeFromProto(info.type);
      inputs.set(graph.addInput(name, type), { proto: info, type });
    }
    const initializers = (proto.initializer ?? []).map((tensor, i) =>
      this.#initializer(graph, tensor, `${where}.initializer[${i}]`),
    );
    const sparseInitializers = (proto.sparseInitializer ?? []).map((sparse, i) =>
      this.#sparseInitializer(graph, sparse, `${where}.sparse_initializer[${i}]`),
    );
    this.#nodes(graph, proto.node ?? [], where);

    const outputs = (proto.output ?? []).map((info) => {
      const value = this.#find(graph, requireName(info.name, `${where}.output`), `${where}.output`);
      graph.outputs.push(value);
      return { proto: info, type: declareType(graph, value, info), value };
    });
    const valueInfo = (proto.valueInfo ?? []).map((info) => {
      const value = graph.find(info.name ?? "");
      return { proto: info, type: value ? declareType(graph, value, info) : null, value };
    });
    graph.carry = {
      proto,
      inputs,
      outputs,
      valueInfo,
      initializers,
      sparseInitializers,
    } satisfies GraphCarry;
    topologicalOrder(graph); // a cycle is refused here, so that nobody after this can be caught in one
    return graph;
  }

  definition(proto: FunctionProto): FunctionDefinition {
    const where = `function "${printable(proto.name ?? "")}"`;
    const body = new Graph();
    for (const name of proto.input ?? [])
      body.addInput(this.#newName(body, name, `${where}.input`), null);
    this.#nodes(body, proto.node ?? [], where);
    for (const name of proto.output ?? [])
      body.outputs.push(this.#find(body, name, `${where}.output`));
    topologicalOrder(body);
    return {
      name: proto.name ?? "",
      domain: proto.domain ?? "",
      overload: proto.overload ?? "",
      body,
      opsets: new Map(opsets(proto.opsetImport)),
      attributeNames: proto.attribute ?? [],
      attributeDefaults: this.#defaults(proto, body, where),
      carry: { proto } satisfies FunctionCarry,
    };
  }

  #defaults(proto: FunctionProto, body: Graph, where: string): Map<string, Attribute> {
    const defaults = new Map<string, Attribute>();
    for (const attribute of proto.attributeProto ?? []) {
      const name = requireName(attribute.name, `${where}.attribute_proto`);
      if (defaults.has(name))
        throw new GraphError(`${where} has two attributes named "${printable(name)}"`);
      defaults.set(name, this.#attribute(attribute, body, where));
    }
    return defaults;
  }

  #initializer(graph: Graph, proto: TensorProto, where: string): Value {
    const name = requireName(proto.name, where);
    const tensor = new FileTensor(proto, `${where} "${printable(name)}"`, this.openExternal);
    const input = own(graph, name);
    if (!input) return graph.addInitializer(tensor, name);
    if (input.initializer)
      throw new GraphError(`${where}: two initializers are named "${printable(name)}"`);
    input.initializer = tensor;
    return input;
  }

  /** Its elements are kept for the way back; its value has a type, and no initializer to load. */
  #sparseInitializer(graph: Graph, proto: SparseTensorProto, where: string): SparseInitializer {
    const name = requireName(proto.values?.name, where);
    const part = (tensor: TensorProto | undefined, what: string) =>
      new FileTensor(tensor ?? {}, `${where} "${printable(name)}" ${what}`, this.openExternal);
    const values = part(proto.values, "values");
    const indices = part(proto.indices, "indices");
    const shape = proto.dims ?? [];
    if (!isShape(shape))
      throw new FormatError(`${where} "${printable(name)}": its dims are no shape`);
    const type: ValueType = { kind: "tensor", dtype: values.dtype, shape };
    const value = own(graph, name) ?? graph.newValue(name, type);
    return { proto, value, values, indices };
  }

  /** Outputs first, so that nodes may stand in any order and subgraphs find what they capture. */
  #nodes(graph: Graph, protos: readonly NodeProto[], where: string): void {
    const outputs = protos.map((proto, i) =>
      (proto.output ?? []).map((name) => {
        if (name === "") return null;
        if (own(graph, name))
          throw new GraphError(
            `${where}.node[${i}] ${quoted(proto)} writes "${printable(name)}", which has a producer already`,
            { help: "Each name of a graph must be produced once." },
          );
        return graph.newValue(name);
      }),
    );
    protos.forEach((proto, i) => {
      this.#node(graph, proto, outputs[i], `${where}.node[${i}] ${quoted(proto)}`);
    });
  }

  #node(graph: Graph, proto: NodeProto, outputs: readonly (Value | null)[], where: string): void {
    if (!proto.opType) throw new FormatError(`${where}: a node without op_type`);
    const attributes = (proto.attribute ?? []).map((attribute) =>
      this.#attribute(attribute, graph, where),
    );
    const node = graph.addNode(
      proto.opType,
      (proto.input ?? []).map((name) => (name === "" ? null : this.#find(graph, name, where))),
      { name: proto.name ?? "", domain: proto.domain ?? "", outputs },
    );
    proto.attribute?.forEach((attribute, i) => {
      const name = requireName(attribute.name, `${where}.attribute`);
      if (node.attributes.has(name))
        throw new GraphError(`${where} has two attributes named "${printable(name)}"`);
      node.attributes.set(name, attributes[i]);
    });
    node.docString = proto.docString;
    if (proto.metadataProps) setEntries(node.metadata, entries(proto.metadataProps));
    node.carry = { proto, attributes } satisfies NodeCarry;
  }

  #newName(graph: Graph, name: string | undefined, where: string): string {
    const given = requireName(name, where);
    if (own(graph, given))
      throw new GraphError(`${where}: two inputs are named "${printable(given)}"`);
    return given;
  }

  #find(graph: Graph, name: string, where: string): Value {
    const value = graph.find(name);
    if (!value) throw new GraphError(`${where} reads "${printable(name)}", which nothing produces`);
    return value;
  }

  #attribute(proto: AttributeProto, graph: Graph, where: string): Attribute {
    if (proto.refAttrName) return { type: "reference", value: proto.refAttrName };
    const path = `${where}.${printable(proto.name ?? "")}`;
    const tensor = (t: TensorProto) => new FileTensor(t, path, this.openExternal);
    const body = (g: GraphProto) => this.graph(g, graph, printable(path, LONGEST_PLACE));
    const type = proto.type ?? impliedType(proto);
    switch (type) {
      case 1:
        return { type: "float", value: proto.f ?? 0 };
      case 2:
        return { type: "int", value: proto.i ?? 0 };
      case 3:
        return { type: "string", value: textOrBytes(proto.s ?? new Uint8Array()) };
      case 4:
        if (!proto.t) throw new FormatError(`${path}: a tensor attribute without its tensor`);
        return { type: "tensor", value: tensor(proto.t) };
      case 5:
        if (!proto.g) throw new FormatError(`${path}: a graph attribute without its graph`);
        return { type: "graph", value: body(proto.g) };
      case 6:
        return { type: "floats", value: proto.floats ?? [] };
      case 7:
        return { type: "ints", value: proto.ints ?? [] };
      case 8:
        return { type: "strings", value: (proto.strings ?? []).map(textOrBytes) };
      case 9:
        return { type: "tensors", value: (proto.tensors ?? []).map(tensor) };
      case 10:
        return { type: "graphs", value: (proto.graphs ?? []).map(body) };
      case 11:
      case 12:
      case 13:
      case 14:
        return { type: "opaque", value: proto };
      default:
        throw new FormatError(`${path}: attribute type=${type} is no ONNX attribute type`);
    }
  }
}

/** Files of IR version 1 do not say an attribute's type; its one field does. */
function impliedType(proto: AttributeProto): number {
  if (proto.f !== undefined) return 1;
  if (proto.i !== undefined) return 2;
  if (proto.s !== undefined) return 3;
  if (proto.t !== undefined) return 4;
  if (proto.g !== undefined) return 5;
  if (proto.floats !== undefined) return 6;
  if (proto.ints !== undefined) return 7;
  if (proto.strings !== undefined) return 8;
  if (proto.tensors !== undefined) return 9;
  return proto.graphs !== undefined ? 10 : 0;
}

/** The value of this name in this graph, not in one around it. */
function own(graph: Graph, name: string): Value | undefined {
  const value = graph.find(name);
  return value?.graph === graph ? value : undefined;
}

/** Gives a value the type that is declared for it, where it has none yet; one of a parent is left alone. */
function declareType(graph: Graph, value: Value, info: ValueInfoProto): ValueType | null {
  if (value.graph === graph) value.type ??= typeFromProto(info.type);
  return value.type;
}

export function typeFromProto(proto: TypeProto | undefined): ValueType | null {
  if (!proto) return null;
  const tensor = proto.tensorType;
  if (!tensor) return { kind: "opaque", carry: proto };
  const dtype = dtypeFromOnnx(tensor.elemType ?? 0);
  if (!dtype) return null;
  const shape = tensor.shape
    ? (tensor.shape.dim ?? []).map((dim): Dim => {
        if (dim.dimParam) return dim.dimParam;
        return dim.dimValue !== undefined && dim.dimValue >= 0 ? toNumber(dim.dimValue) : null;
      })
    : null;
  return { kind: "tensor", dtype, shape };
}

/** Texts become strings; bytes that are no UTF-8 stay bytes. */
function textOrBytes(bytes: Uint8Array): string | Uint8Array {
  return isText(bytes) ? decodeText(bytes) : bytes;
}

function requireName(name: string | undefined, where: string): string {
  if (!name) throw new FormatError(`${where}: a name is missing`);
  return name;
}

function quoted(proto: NodeProto): string {
  return `"${printable(proto.name || proto.output?.[0] || proto.opType || "", 80)}"`;
}

function entries(protos: readonly StringEntryProto[] | undefined): [string, string][] {
  return (protos ?? []).map((entry) => [entry.key ?? "", entry.value ?? ""]);
}

function opsets(protos: readonly OperatorSetIdProto[] | undefined): [string, number][] {
  return (protos ?? []).map((entry) => [entry.domain ?? "", toNumber(entry.version ?? 0)]);
}

function setEntries<V>(map: Map<string, V>, pairs: Iterable<[string, V]>): void {
  for (const [key, value] of pairs) map.set(key, value);
}
