import type { Model } from "../graph/index.js";
import { dtypeFromOnnx, elementCount, isFloat, tensor } from "../tensor/index.js";
import { encode, join } from "./encode.js";
import {
  type AttributeProto,
  type GraphProto,
  modelSchema,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from "./schema.js";
import { modelToProto } from "./to-proto.js";

/** Of TensorProto.DataType. */
const INT64 = 7;

export interface ShapeProbeOptions {
  /** Shapes to bind the graph's inputs to, by name; others stay as the file has them. */
  readonly inputShapes: ReadonlyMap<string, readonly number[]>;
  /** What values that a node takes as sizes will hold, by name, where a graph computes them. */
  readonly sizes?: ReadonlyMap<string, readonly number[]>;
}

/** Constants of up to so many elements stay: they may be shapes or axes, or, where they are floats, scales. */
const MOST_INTEGERS_KEPT = 512;
const MOST_FLOATS_KEPT = 64;

/** The input of each operator that its output's size hangs on, `int64` by the specification. */
export const SIZE_INPUTS: Readonly<Record<string, number>> = {
  Reshape: 1,
  Expand: 1,
  Tile: 1,
  ConstantOfShape: 0,
  Resize: 3,
  Pad: 1,
};

/**
 * The model as bytes for a runtime that shall only infer shapes: large constants become inputs of the
 * same type, so no weight is read, and every node's outputs become outputs of the graph. Constants of
 * one type and shape are one input, as the runtime takes more than linear time for inputs.
 */
export async function encodeShapeProbe(
  model: Model,
  options: ShapeProbeOptions,
): Promise<Uint8Array> {
  const { inputShapes, sizes = new Map() } = options;
  const proto = modelToProto(model);
  const standIns = new StandIns(namesIn(proto.graph!));
  const graph = withSizes(withoutLargeConstants(proto.graph!, standIns, null), sizes);

  const given = (graph.input ?? []).map((info) => {
    const shape = inputShapes.get(info.name ?? "");
    return shape ? withShape(info, shape) : info;
  });
  const input = [...given, ...standIns.inputs];
  const output = (graph.node ?? [])
    .flatMap((node) => node.output ?? [])
    .filter((name) => name !== "")
    .map((name): ValueInfoProto => ({ name }));
  return join(
    encode(modelSchema, { ...proto, graph: { ...graph, input, output, valueInfo: undefined } }),
  );
}

/** Nodes read known sizes from constants, in place of what computes them. */
function withSizes(graph: GraphProto, sizes: ReadonlyMap<string, readonly number[]>): GraphProto {
  if (sizes.size === 0) return graph;
  const taken = new Set(graph.node?.flatMap(({ output = [] }) => output));
  const initializer = [...(graph.initializer ?? [])];
  const constants = new Map<string, string>();
  for (const [name, numbers] of sizes) {
    let constant = `${name}.known`;
    while (taken.has(constant)) constant += "_";
    constants.set(name, constant);
    const { bytes } = tensor(BigInt64Array.from(numbers, BigInt), [numbers.length]);
    const rawData = { length: bytes.length, read: async () => bytes };
    initializer.push({ name: constant, dataType: INT64, dims: [numbers.length], rawData });
  }
  const node = graph.node?.map((candidate): NodeProto => {
    const at = SIZE_INPUTS[candidate.opType ?? ""];
    const constant = at === undefined ? undefined : constants.get(candidate.input?.[at] ?? "");
    if (constant === undefined) return candidate;
    return { ...candidate, input: candidate.input?.with(at, constant) };
  });
  return { ...graph, initializer, node };
}

/** The inputs that large constants are replaced by, one for each type and shape. */
class StandIns {
  readonly #infos = new Map<string, ValueInfoProto>();

  constructor(readonly taken: ReadonlySet<string>) {}

  get inputs(): ValueInfoProto[] {
    return [...this.#infos.values()];
  }

  /** The name of the input in place of a constant; undefined for one that is small. */
  for({ dims = [], dataType }: TensorProto): string | undefined {
    const dtype = dtypeFromOnnx(dataType ?? 0);
    const most = dtype && isFloat(dtype) ? MOST_FLOATS_KEPT : MOST_INTEGERS_KEPT;
    const shape = dims.map(Number);
    if (elementCount(shape) <= most) return undefined;
    const key = `${dataType} ${shape}`;
    let info = this.#infos.get(key);
    if (!info) {
      let name = `constant_${this.#infos.size}`;
      while (this.taken.has(name)) name += "_";
      info = withShape({ name, type: { tensorType: { elemType: dataType } } }, shape);
      this.#infos.set(key, info);
    }
    return info.name;
  }
}

/**
 * Takes large initializers and Constant nodes out of a graph and its bodies, and lets their readers read
 * what stands in for them. One that a body returns, or takes as an input with a default, stays.
 *
 * @param outer What stands in for constants of the graphs around this one, by their names.
 */
function withoutLargeConstants(
  graph: GraphProto,
  standIns: StandIns,
  outer: ReadonlyMap<string, string> | null,
): GraphProto {
  const replaced = new Map(outer);
  for (const name of outer ? definedIn(graph) : []) replaced.delete(name); // hides the outer one
  const ends = outer ? [...(graph.input ?? []), ...(graph.output ?? [])] : [];
  const staying = new Set(ends.map(({ name }) => name));
  const replace = (tensor: TensorProto, name: string | undefined) => {
    const standIn = name && !staying.has(name) ? standIns.for(tensor) : undefined;
    if (standIn !== undefined) replaced.set(name!, standIn);
    return standIn !== undefined;
  };
  const initializer = graph.initializer?.filter((tensor) => !replace(tensor, tensor.name));
  const kept = graph.node?.filter((node) => {
    const constant = constantOf(node);
    return !constant || !replace(constant, node.output?.[0]);
  });
  const node = kept?.map((candidate): NodeProto => {
    const input = candidate.input?.map((name) => replaced.get(name) ?? name);
    if (!candidate.attribute?.some((attribute) => attribute.g || attribute.graphs))
      return { ...candidate, input };
    const inBody = (body: GraphProto) => withoutLargeConstants(body, standIns, replaced);
    const attribute = candidate.attribute.map(
      (item): AttributeProto => ({
        ...item,
        g: item.g && inBody(item.g),
        graphs: item.graphs?.map(inBody),
      }),
    );
    return { ...candidate, input, attribute };
  });
  // Up to IR version 3, and as defaults after it, initializers are listed as inputs too.
  const input = outer ? graph.input : graph.input?.filter(({ name }) => !replaced.has(name ?? ""));
  return { ...graph, input, initializer, node };
}

/** Names of the values a graph makes or is given. */
function definedIn(graph: GraphProto): string[] {
  const { input = [], initializer = [], sparseInitializer = [], node = [] } = graph;
  const sparse = sparseInitializer.map(({ values }) => values);
  const named = [...input, ...initializer, ...sparse].map((item) => item?.name ?? "");
  return named.concat(node.flatMap(({ output = [] }) => output));
}

/** The same of a graph and all bodies in it. */
function namesIn(graph: GraphProto, names = new Set<string>()): ReadonlySet<string> {
  for (const name of definedIn(graph)) names.add(name);
  for (const { attribute = [] } of graph.node ?? [])
    for (const { g, graphs = [] } of attribute)
      for (const body of g ? [g, ...graphs] : graphs) namesIn(body, names);
  return names;
}

function constantOf(node: NodeProto): TensorProto | undefined {
  if (node.opType !== "Constant" || (node.domain ?? "") !== "") return undefined;
  return node.attribute?.find((attribute) => attribute.name === "value")?.t;
}

function withShape(info: ValueInfoProto, shape: readonly number[]): ValueInfoProto {
  const elemType = info.type?.tensorType?.elemType;
  return {
    ...info,
    type: { tensorType: { elemType, shape: { dim: shape.map((size) => ({ dimValue: size })) } } },
  };
}
