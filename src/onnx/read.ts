import type { Model } from "../graph/index.js";
import { type ByteSource, blobSource, bytesSource } from "../util/byte-source.js";
import { FormatError } from "../util/errors.js";
import { decode } from "./decode.js";
import type { OpenExternal } from "./file-tensor.js";
import { modelFromProto } from "./from-proto.js";
import { type ModelProto, modelSchema } from "./schema.js";
import { readSkeleton } from "./skeleton.js";

export interface ReadModelOptions {
  /** Opens a file of weights beside the model. By default a weight that lies elsewhere cannot be loaded. */
  readonly externalData?: OpenExternal;
  /** Most bytes the model may have besides its weights. Defaults to 256 MiB. */
  readonly maxStructureBytes?: number;
  /** Most messages and strings the model may have. Defaults to 8 million. */
  readonly maxElements?: number;
}

/** Protobuf's own limit is 100 messages deep; a subgraph takes three, so this is some thirty of those. */
const MAX_DEPTH = 100;

/**
 * Reads an ONNX model, opsets 1 and up, of any size: its structure comes into memory, its weights stay
 * in the source until they are loaded. What this library does not look into is kept for the way back.
 *
 * @param source Bytes, a Blob or File, or any {@link ByteSource}. In Node the entry point takes paths too.
 * @throws FormatError when the bytes are no ONNX model, are damaged, or pass a limit; with the place.
 * @throws GraphError when names have two producers or none, or the graph has a cycle.
 */
export async function readModel(
  source: Uint8Array | Blob | ByteSource,
  options: ReadModelOptions = {},
): Promise<Model> {
  const bytes = asByteSource(source);
  if (bytes.size === 0)
    throw new FormatError("the file is empty", { help: "An ONNX model is expected." });
  const { maxStructureBytes = 256 * 2 ** 20, maxElements = 8e6 } = options;
  const limits = { maxStructureBytes, maxElements, maxDepth: MAX_DEPTH };
  const skeleton = await readSkeleton(bytes, modelSchema, limits);
  return modelFromProto(decode<ModelProto>(skeleton, modelSchema, limits), options.externalData);
}

function asByteSource(source: Uint8Array | Blob | ByteSource): ByteSource {
  if (source instanceof Uint8Array) return bytesSource(source);
  return "arrayBuffer" in source ? blobSource(source) : source;
}
