import type { Model } from "../graph/index.js";
import type { LazyTensor } from "../tensor/index.js";
import { encode, join, type Pieces } from "./encode.js";
import { modelSchema, type Payload, type TensorProto } from "./schema.js";
import { modelToProto, payloadOf } from "./to-proto.js";

/** The model as bytes. Reads every weight into memory: see {@link modelPieces} for large models. */
export async function encodeModel(model: Model): Promise<Uint8Array> {
  return join(modelPieces(model));
}

/** The model as pieces to be written one after the other, weights read one at a time. */
export function modelPieces(model: Model): Pieces {
  return encode(modelSchema, modelToProto(model));
}

export interface ExternalPieces {
  readonly model: Pieces;
  /** The file of weights that lies beside the model. */
  readonly weights: Pieces;
}

/** Where an external tensor may begin: a page, so that a runtime can map the file. */
const ALIGNMENT_BYTES = 4096;

/**
 * The model with its large initializers in a second file, as models over 2 GB need: protobuf, and so
 * ONNX Runtime, takes no larger message.
 *
 * @param location Name of the second file, in the folder of the model.
 * @param options.minBytes Smaller initializers stay in the model. Defaults to 1024.
 */
export function modelWithExternalWeights(
  model: Model,
  location: string,
  options: { minBytes?: number } = {},
): ExternalPieces {
  const { minBytes = 1024 } = options;
  const parts: (Uint8Array | Payload)[] = [];
  let length = 0;
  const place = (proto: TensorProto, tensor: LazyTensor): TensorProto => {
    if (tensor.byteLength < minBytes || tensor.dtype === "string") return proto;
    const padding = (ALIGNMENT_BYTES - (length % ALIGNMENT_BYTES)) % ALIGNMENT_BYTES;
    if (padding > 0) parts.push(new Uint8Array(padding));
    const offset = length + padding;
    parts.push(payloadOf(tensor));
    length = offset + tensor.byteLength;
    const { rawData, floatData, int32Data, int64Data, doubleData, uint64Data, ...rest } = proto;
    return {
      ...rest,
      dataLocation: 1,
      externalData: [
        { key: "location", value: location },
        { key: "offset", value: String(offset) },
        { key: "length", value: String(tensor.byteLength) },
      ],
    };
  };
  const pieces = encode(modelSchema, modelToProto(model, place));
  return { model: pieces, weights: { length, parts } };
}
