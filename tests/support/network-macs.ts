import { buildModel, type Network } from "../../src/nn/index.js";
import { convMacs, isConvolution } from "../../src/ops/index.js";
import { inferShapes } from "../../src/runtime/index.js";
import { product } from "../../src/util/math.js";

/** Multiply-accumulates of a network's convolutions and dense layers, with the sizes ONNX Runtime infers. */
export async function networkMacs(
  network: Network,
  inputShape: readonly number[],
): Promise<number> {
  const model = buildModel(network, { inputShape });
  const shapes = await inferShapes(model);
  let macs = 0;
  for (const { op, inputs, outputs } of model.graph.nodes.filter(
    (node) => isConvolution(node) || node.op === "Gemm",
  )) {
    const [x, weight, y] = [inputs[0], inputs[1], outputs[0]].map((value) => shapes.get(value!)!);
    macs += op === "Gemm" ? x[0] * product(weight) : convMacs(op, weight, x, y);
  }
  return macs;
}
