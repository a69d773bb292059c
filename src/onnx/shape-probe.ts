import type { Model } from "../graph/index.js";
import { elementCount, tensor } from "../tensor/index.js";
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
  /** Constants up to this size stay, as they may be shapes, axes or scales. Defaults to 2048. */
  readonly keepBytes?: number;
}

/** The input of each operator that holds the sizes of its output, `int64` by the specification. */
export const SIZE_INPUTS: Readonly<Record<string, number>> = {
  Reshape: 1,
  Expand: 1,
  Tile: 1,
  ConstantOfShape: 0,
  Resize: 3,
};

/**
 * The model as bytes for a runtime that shall only infer shapes: large constants become inputs of the
 * same type, so no weight is read, and every node's outputs become outputs of the graph.
 */
export async function encodeShapeProbe(
  model: Model,
  options: ShapeProbeOptions,
): Promise<Uint8Array> {
  const { inputShapes, sizes = new Map(), keepBytes = 2048 } = options;
  const proto = modelToProto(model);
  const hoisted = new Map<string, ValueInfoProto>();
  const graph = withSizes(withoutLargeConstants(proto.graph!, hoisted, keepBytes), sizes);

  const input = (graph.input ?? []).map((info) => {
    const shape = inputShapes.get(info.name ?? "");
    return shape ? withShape(info, shape) : info;
  });
  const known = new Set(input.map((info) => info.name));
  for (const info of hoisted.values()) if (!known.has(info.name)) input.push(info);

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

/** Takes large initializers and Constant nodes out of a graph and its bodies, and notes them as inputs. */
function withoutLargeConstants(
  graph: GraphProto,
  hoisted: Map<string, ValueInfoProto>,
  keepBytes: number,
): GraphProto {
  const initializer = graph.initializer?.filter(
    (tensor) => !hoist(tensor, tensor.name, hoisted, keepBytes),
  );
  const node = graph.node?.flatMap((candidate): NodeProto[] => {
    const constant = constantOf(candidate);
    if (constant && hoist(constant, candidate.output?.[0], hoisted, keepBytes)) return [];
    if (!candidate.attribute?.some((attribute) => attribute.g || attribute.graphs))
      return [candidate];
    const attribute = candidate.attribute.map(
      (item): AttributeProto => ({
        ...item,
        g: item.g && withoutLargeConstants(item.g, hoisted, keepBytes),
        graphs: item.graphs?.map((body) => withoutLargeConstants(body, hoisted, keepBytes)),
      }),
    );
    return [{ ...candidate, attribute }];
  });
  return { ...graph, initializer, node };
}

/** Notes a large constant as an input. False when it is small, or two bodies use its name for two shapes. */
function hoist(
  tensor: TensorProto,
  name: string | undefined,
  hoisted: Map<string, ValueInfoProto>,
  keepBytes: number,
): boolean {
  const dims = (tensor.dims ?? []).map(Number);
  if (!name || elementCount(dims) * 4 <= keepBytes) return false;
  const info = withShape({ name, type: { tensorType: { elemType: tensor.dataType } } }, dims);
  const known = hoisted.get(name);
  if (known && JSON.stringify(known) !== JSON.stringify(info)) return false;
  hoisted.set(name, info);
  return true;
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
