import type { Model } from "../graph/index.js";
import { elementCount } from "../tensor/index.js";
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

export interface ShapeProbeOptions {
  /** Shapes to bind the graph's inputs to, by name; others stay as the file has them. */
  readonly inputShapes: ReadonlyMap<string, readonly number[]>;
  /** Constants up to this size stay, as they may be shapes, axes or scales. Defaults to 2048. */
  readonly keepBytes?: number;
}

/**
 * The model as bytes for a runtime that shall only infer shapes: large constants become inputs of the
 * same type, so no weight is read, and every node's outputs become outputs of the graph.
 */
export async function encodeShapeProbe(
  model: Model,
  options: ShapeProbeOptions,
): Promise<Uint8Array> {
  const { inputShapes, keepBytes = 2048 } = options;
  const proto = modelToProto(model);
  const hoisted = new Map<string, ValueInfoProto>();
  const graph = withoutLargeConstants(proto.graph!, hoisted, keepBytes);

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
