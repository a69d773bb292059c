import type { Model } from "../graph/index.js";
import type { Target } from "../groups/index.js";
import { encodeOptimisationProbe } from "../onnx/index.js";
import { probeBlockSize, type ReadOptimisedGraph, refuseFatal } from "../runtime/index.js";
import { GroupconvError } from "../util/errors.js";
import { confirmFastPaths } from "./confirm-fast-path.js";
import type { Convolution } from "./convolution.js";
import { type FastPath, predictFastPaths } from "./fast-path.js";
import { isQuantised } from "./quantised.js";

export interface FindFastPathsOptions {
  /** Gives the graph the runtime really runs; Node's entry point has it. By default predictions stand alone. */
  readonly readOptimisedGraph?: ReadOptimisedGraph;
  /** Channels in a block of the runtime's blocked layout. By default it is asked, where it can be. */
  readonly blockSize?: number | null;
  /** A model over this many bytes, weights included, is not confirmed. Defaults to 128 MiB. */
  readonly maxModelBytes?: number;
}

export interface FastPathFacts {
  readonly fastPaths: ReadonlyMap<Convolution, FastPath>;
  /** Channels in a block of `ort-cpu`'s blocked layout on this machine; null when unknown or of no matter. */
  readonly blockSize: number | null;
  /** Copies into and out of the blocked layout in the graph that runs; null when it was not read. */
  readonly reorders: { readonly inputs: number; readonly outputs: number } | null;
  /**
   * Convolutions written in floats between QuantizeLinear and DequantizeLinear that run on integers, on
   * `ort-cpu`: as the graph that runs shows, or where it was not read as they are written.
   */
  readonly integers: ReadonlySet<Convolution>;
  /** Why the runtime did not confirm, in one sentence; null when it did. */
  readonly unconfirmed: string | null;
}

/**
 * Predicts which kernels run each convolution and, on `ort-cpu`, asks the runtime itself by having it
 * optimise the model with made-up weights. No large float constant is read.
 */
export async function findFastPaths(
  model: Model,
  convolutions: readonly Convolution[],
  target: Target,
  options: FindFastPathsOptions = {},
): Promise<FastPathFacts> {
  const { readOptimisedGraph, maxModelBytes = 128 * 2 ** 20 } = options;
  const predicted = (blockSize: number | null, unconfirmed: string): FastPathFacts => ({
    fastPaths: predictFastPaths(model, convolutions, target, { blockSize }),
    blockSize,
    reorders: null,
    integers: new Set(convolutions.filter(isQuantised)),
    unconfirmed,
  });
  if (target.id !== "ort-cpu")
    return predicted(options.blockSize ?? null, `the kernels of ${target.id} cannot be read back`);
  if (!readOptimisedGraph)
    return predicted(
      options.blockSize ?? null,
      "only Node can read back the graph the runtime runs",
    );

  let { blockSize = null } = options;
  try {
    refuseFatal(model);
    blockSize ??= await probeBlockSize(readOptimisedGraph);
    const probe = await encodeOptimisationProbe(model, { maxBytes: maxModelBytes });
    if (!probe)
      return predicted(blockSize, `the model is larger than maxModelBytes=${maxModelBytes}`);
    const { fastPaths } = predicted(blockSize, "");
    const confirmation = confirmFastPaths(fastPaths, await readOptimisedGraph(probe));
    return { ...confirmation, blockSize, unconfirmed: null };
  } catch (error) {
    if (!(error instanceof GroupconvError)) throw error;
    return predicted(blockSize, error.message);
  }
}
