import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Model } from "../graph/index.js";
import { modelPieces, modelWithExternalWeights, type Pieces, readModel } from "../onnx/index.js";
import { RuntimeError } from "../util/errors.js";
import { refuseFatal } from "./fatal.js";
import { InferenceSession } from "./ort.js";
import { reasonOf } from "./shapes.js";
import { withTemporaryFolder } from "./temporary-folder.node.js";

export interface OptimisedGraphOptions {
  /**
   * A model over this many bytes goes to the runtime and comes back with its weights in a second file,
   * as protobuf holds no more than 2 GiB. Those weights are not read back. Defaults to 1 GiB.
   */
  readonly maxInlineBytes?: number;
}

/**
 * The graph ONNX Runtime really runs on this machine's CPU, at optimisation level `all`: fused nodes,
 * blocked layouts, the reorders between them. It is good for this machine and this runtime only.
 *
 * @param source A model, or the bytes of one that keeps no weights in other files.
 * @throws RuntimeError when the runtime cannot load the model, in its words, or there is no place to write.
 */
export async function readOptimisedGraph(
  source: Model | Uint8Array,
  options: OptimisedGraphOptions = {},
): Promise<Model> {
  const { maxInlineBytes = 2 ** 30 } = options;
  if (source instanceof Model) refuseFatal(source);
  return withTemporaryFolder("the optimised graph", async (folder) => {
    const optimised = join(folder, "optimised.onnx");
    const { input, isLarge } = await prepare(source, folder, maxInlineBytes);
    await optimise(input, optimised, isLarge);
    return readModel(await readFile(optimised));
  });
}

interface Prepared {
  /** The bytes of the model, or the path of its file. */
  readonly input: Uint8Array | string;
  readonly isLarge: boolean;
}

async function prepare(
  source: Model | Uint8Array,
  folder: string,
  maxInlineBytes: number,
): Promise<Prepared> {
  if (!(source instanceof Model)) return { input: source, isLarge: source.length > maxInlineBytes };
  const whole = modelPieces(source);
  const input = join(folder, "model.onnx");
  const isLarge = whole.length > maxInlineBytes;
  if (isLarge) {
    const { model, weights } = modelWithExternalWeights(source, "weights.bin");
    await writePieces(input, model);
    await writePieces(join(folder, "weights.bin"), weights);
  } else {
    await writePieces(input, whole);
  }
  return { input, isLarge };
}

async function writePieces(path: string, { parts }: Pieces): Promise<void> {
  await writeFile(
    path,
    (async function* () {
      for (const part of parts) yield part instanceof Uint8Array ? part : await part.read();
    })(),
    { flag: "wx", mode: 0o600 },
  );
}

/**
 * Has the runtime write the weights of an optimised model to a file beside it. Not for small models: ONNX
 * Runtime 1.30 then lists the weights of subgraphs twice.
 */
export const OPTIMISED_WEIGHTS_APART: InferenceSession.SessionOptions = {
  extra: { session: { optimized_model_external_initializers_file_name: "optimised.bin" } },
};

/** Makes the runtime write the graph it runs. With `isLarge`, its weights go to a file beside it. */
async function optimise(
  input: Uint8Array | string,
  optimisedModelPath: string,
  isLarge: boolean,
): Promise<void> {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ["cpu"],
    graphOptimizationLevel: "all",
    optimizedModelFilePath: optimisedModelPath,
    enableCpuMemArena: false,
    enableMemPattern: false,
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    ...(isLarge ? OPTIMISED_WEIGHTS_APART : {}),
  };
  let session: InferenceSession;
  try {
    session =
      typeof input === "string"
        ? await InferenceSession.create(input, options)
        : await InferenceSession.create(input, options);
  } catch (cause) {
    throw new RuntimeError(`ONNX Runtime cannot load the model: ${reasonOf(cause)}`, { cause });
  }
  await session.release();
}
