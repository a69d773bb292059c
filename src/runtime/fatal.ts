import { allNodes, intAttribute, isOp, type Model } from "../graph/index.js";
import { callFault } from "../onnx/index.js";
import { RuntimeError } from "../util/errors.js";
import { printable } from "../util/text.js";

/**
 * Refuses what would end the process, or never end: ONNX Runtime 1.30 divides by the groups of a transposed
 * convolution while it loads a model, and writes out every call of a function, be they 2^40.
 *
 * @throws RuntimeError naming the layer.
 */
export function refuseFatal(model: Model): void {
  const fault = callFault(model);
  if (fault !== null) throw new RuntimeError(`ONNX Runtime cannot load the model: ${fault}`);
  for (const graph of [model.graph, ...model.functions.map(({ body }) => body)])
    for (const node of allNodes(graph))
      if (isOp(node, "ConvTranspose") && intAttribute(node, "group", 1) === 0)
        throw new RuntimeError(
          `ONNX Runtime cannot load the model: groups=0 of ConvTranspose "${printable(node.label, 60)}" must be at least 1`,
        );
}
