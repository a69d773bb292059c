import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import type { Model } from "../../src/graph/index.js";
import { type BuildOptions, buildModel, type Network } from "../../src/nn/index.js";
import { encodeModel } from "../../src/onnx/index.js";
import { type Tensor, tensor } from "../../src/tensor/index.js";

/** Runs a model on its one input by ONNX Runtime; its float32 outputs by name. */
export async function runModel(
  model: Model,
  input: Tensor<"float32">,
): Promise<Record<string, Tensor<"float32">>> {
  const session = await InferenceSession.create(await encodeModel(model), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  try {
    const feed = new OrtTensor("float32", input.data, [...input.shape]);
    const results = await session.run({ [session.inputNames[0]]: feed });
    return Object.fromEntries(
      Object.entries(results).map(([name, result]) => [
        name,
        tensor(result.data as Float32Array, result.dims),
      ]),
    );
  } finally {
    await session.release();
  }
}

/** Builds a network for an input, runs it, and gives its `output`. */
export async function runNetwork(
  network: Network,
  input: Tensor<"float32">,
  options: Omit<BuildOptions, "inputShape"> = {},
): Promise<Tensor<"float32">> {
  const { output } = await runModel(
    buildModel(network, { inputShape: input.shape, ...options }),
    input,
  );
  return output;
}
