import { type Graph, isOp, type Model, topologicalOrder, type Value } from "../graph/index.js";

/** ONNX Runtime never works these out ahead of time: chance, and what quantised kernels look for. */
const NEVER_FOLDED: ReadonlySet<string> = new Set([
  "RandomNormal",
  "RandomNormalLike",
  "RandomUniform",
  "RandomUniformLike",
  "Multinomial",
  "Bernoulli",
  "DequantizeLinear",
]);

/** Before this version of the file format, a constant had to be listed among the inputs too. */
const INPUTS_ARE_DEFAULTS_SINCE = 4;

/**
 * The values a runtime knows before it runs: constants that a caller cannot replace, and what is worked
 * out from such constants alone.
 */
export function constantValues(model: Model): ReadonlySet<Value> {
  const constants = new Set<Value>();
  const pending: Graph[] = [...model.functions.map(({ body }) => body), model.graph];
  for (let graph = pending.pop(); graph; graph = pending.pop()) {
    const inputs = new Set(model.irVersion < INPUTS_ARE_DEFAULTS_SINCE ? [] : graph.inputs);
    for (const value of graph.initializers) if (!inputs.has(value)) constants.add(value);
    for (const node of topologicalOrder(graph)) {
      const { subgraphs } = node;
      pending.push(...subgraphs);
      const isKnown =
        isOp(node, "Constant") ||
        (node.inputs.length > 0 &&
          subgraphs.length === 0 &&
          !NEVER_FOLDED.has(node.op) &&
          node.inputs.every((input) => input === null || constants.has(input)));
      if (isKnown) for (const output of node.outputs) if (output) constants.add(output);
    }
  }
  return constants;
}
