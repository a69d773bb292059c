import type { Model } from "../graph/index.js";
import { byteLength, type DType, dtypeFromOnnx, elementCount, full } from "../tensor/index.js";
import { sum } from "../util/math.js";
import { encode, join } from "./encode.js";
import {
  type AttributeProto,
  type GraphProto,
  modelSchema,
  type NodeProto,
  type TensorProto,
} from "./schema.js";
import { modelToProto } from "./to-proto.js";

export interface OptimisationProbeOptions {
  /** A model over this size, weights included, is refused: a runtime would take several times as much. */
  readonly maxBytes: number;
  /** Constants up to this size are read and kept, as an optimiser may look at them. Defaults to 2048. */
  readonly keepBytes?: number;
}

/** Neither 0 nor 1, which an optimiser may drop, and exact in each of the filled types. */
const FILLING = 2 ** -7;
const FILLED = ["float32", "float16", "bfloat16", "float64"] as const;

/**
 * The model as bytes for a runtime that shall only optimise it: every element of a large float constant
 * is 2^-7, so no weight is read, and files of weights need not be there.
 *
 * @returns null when that takes more than `maxBytes`.
 */
export async function encodeOptimisationProbe(
  model: Model,
  options: OptimisationProbeOptions,
): Promise<Uint8Array | null> {
  const { maxBytes, keepBytes = 2048 } = options;
  const weights = sum(model.graph.initializers.map(({ initializer }) => initializer!.byteLength));
  if (weights > maxBytes) return null; // before the work of writing it
  const proto = modelToProto(model);
  const pieces = encode(modelSchema, {
    ...proto,
    graph: fillGraph(proto.graph!, keepBytes),
    functions: proto.functions?.map((definition) => ({
      ...definition,
      node: definition.node?.map((node) => fillNode(node, keepBytes)),
    })),
  });
  return pieces.length > maxBytes ? null : join(pieces);
}

function fillGraph(graph: GraphProto, keepBytes: number): GraphProto {
  return {
    ...graph,
    initializer: graph.initializer?.map((tensor) => fill(tensor, keepBytes)),
    node: graph.node?.map((node) => fillNode(node, keepBytes)),
  };
}

function fillNode(node: NodeProto, keepBytes: number): NodeProto {
  const attribute = node.attribute?.map(
    (item): AttributeProto => ({
      ...item,
      t: item.t && fill(item.t, keepBytes),
      tensors: item.tensors?.map((tensor) => fill(tensor, keepBytes)),
      g: item.g && fillGraph(item.g, keepBytes),
      graphs: item.graphs?.map((body) => fillGraph(body, keepBytes)),
    }),
  );
  return { ...node, attribute };
}

function fill(tensor: TensorProto, keepBytes: number): TensorProto {
  const dtype = dtypeFromOnnx(tensor.dataType ?? 0);
  if (!dtype || !isFilled(dtype)) return tensor;
  const shape = (tensor.dims ?? []).map(Number);
  const length = byteLength(dtype, elementCount(shape));
  if (length <= keepBytes) return tensor;
  const { floatData, int32Data, int64Data, doubleData, uint64Data, ...rest } = tensor;
  const { externalData, dataLocation, ...inline } = rest;
  return { ...inline, rawData: { length, read: () => full(shape, FILLING, dtype).load() } };
}

function isFilled(dtype: DType): dtype is (typeof FILLED)[number] {
  return (FILLED as readonly DType[]).includes(dtype);
}
