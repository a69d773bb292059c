import { writeFileAtomic, writeModelFile } from "../files/index.js";
import type { Dim } from "../graph/index.js";
import { buildModel, type Network, stateDict } from "../nn/index.js";
import { writeSafetensors } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";

/**
 * Writes a trained network for inference, batch norms with their running statistics and dropouts gone, in
 * place of what was there.
 *
 * @param path Ends with `.onnx`, or with `.safetensors` for the values alone, under the names that
 *     PyTorch's `state_dict` gives them.
 * @param inputShape Of the ONNX model, `["N", C, H, W]`: a name is an axis of any size.
 * @throws UsageError for another ending, or when it cannot be written; nothing is left half written.
 */
export async function saveNetwork(
  path: string,
  network: Network,
  { inputShape }: { readonly inputShape: readonly Dim[] },
): Promise<void> {
  const model = buildModel(network, { inputShape });
  if (path.endsWith(".onnx")) return writeModelFile(path, model, { overwrite: true });
  if (!path.endsWith(".safetensors"))
    throw new UsageError(
      `saveNetwork: path "${printable(path)}" must end with .onnx or .safetensors`,
    );
  const { graph } = model;
  const values = [...stateDict(network).keys()].flatMap((name) => {
    const value = graph.find(name)?.initializer;
    return value ? [[name, value] as const] : [];
  });
  await writeFileAtomic(path, await writeSafetensors(values, [["format", "pt"]]));
}
