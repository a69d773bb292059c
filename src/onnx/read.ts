import type { Model } from "../graph/index.js";
import { type ByteSource, blobSource, bytesSource } from "../util/byte-source.js";
import { FormatError } from "../util/errors.js";
import { decode } from "./decode.js";
import type { OpenExternal } from "./file-tensor.js";
import { modelFromProto } from "./from-proto.js";
import { type ModelProto, modelSchema } from "./schema.js";
import { readSkeleton } from "./skeleton.js";
import { sniff } from "./sniff.js";

export interface ReadModelOptions {
  /** Opens a file of weights beside the model. By default a weight that lies elsewhere cannot be loaded. */
  readonly externalData?: OpenExternal;
  /** Most bytes the model may have besides its weights. Defaults to 256 MiB. */
  readonly maxStructureBytes?: number;
  /** Most messages and strings the model may have: some 20 a node. Defaults to 4 million. */
  readonly maxElements?: number;
}

/** Protobuf's own limit is 100 messages deep; a subgraph takes three, so this is some thirty of those. */
const MAX_DEPTH = 100;
/** Numbers in attributes and shapes. The largest lists are those of tree ensembles: some millions. */
const MAX_NUMBERS = 2 ** 26;

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
  const { maxStructureBytes = 256 * 2 ** 20, maxElements = 4e6 } = options;
  const limits = {
    maxStructureBytes,
    maxElements,
    maxNumbers: MAX_NUMBERS,
    maxFields: maxElements + MAX_NUMBERS,
    maxDepth: MAX_DEPTH,
  };
  try {
    const skeleton = await readSkeleton(bytes, modelSchema, limits);
    return modelFromProto(decode<ModelProto>(skeleton, modelSchema, limits), options.externalData);
  } catch (error) {
    const foreign = error instanceof FormatError ? await sniff(bytes) : undefined;
    if (!foreign) throw error;
    throw new FormatError(`this is ${foreign.what}, not an ONNX model`, {
      help: foreign.help,
      cause: error,
    });
  }
}

function asByteSource(source: Uint8Array | Blob | ByteSource): ByteSource {
  if (source instanceof Uint8Array) return bytesSource(source);
  return "arrayBuffer" in source ? blobSource(source) : source;
}
