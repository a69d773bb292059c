import {
  intAttribute,
  isOp,
  type Model,
  type Node,
  topologicalOrder,
  type Value,
} from "../graph/index.js";
import { inferShapes, type Shapes } from "../runtime/index.js";
import { GroupconvError, ShapeError } from "../util/errors.js";
import { printable } from "../util/text.js";

/**
 * The shapes of a network for an input, or a refusal: the runtime infers shapes of layers that do not fit,
 * and fails only when it runs them.
 *
 * @throws ShapeError naming the first layer that does not fit, with both shapes.
 */
export async function checkNetworkShapes(
  model: Model,
  inputShape: readonly number[],
): Promise<Shapes> {
  let shapes: Shapes;
  try {
    shapes = await inferShapes(model);
  } catch (cause) {
    if (!(cause instanceof GroupconvError)) throw cause;
    throw new ShapeError(
      `fit: an input of [${inputShape}] does not fit the network: ${cause.message}`,
      { cause },
    );
  }
  for (const node of topologicalOrder(model.graph)) {
    const problem = misfit(node, shapes);
    if (problem)
      throw new ShapeError(
        `fit: an input of [${inputShape}] does not fit the network: "${printable(node.label)}" ${problem}`,
      );
  }
  for (const output of model.graph.outputs)
    if (!shapes.has(output))
      throw new ShapeError(
        `fit: the shape of the network's output "${printable(output.name)}" is not known for an input of [${inputShape}]`,
      );
  return shapes;
}

/** Refuses a prediction that has not one row an example: no target would fit it. */
export function checkBatchAxis(
  predictions: Iterable<Value>,
  shapes: Shapes,
  [batch]: readonly number[],
): void {
  for (const output of predictions) {
    const shape = shapes.get(output)!;
    if (shape[0] !== batch)
      throw new ShapeError(
        `fit: the network's output "${printable(output.name)}" [${shape}] must have the batch of ${batch} as its first axis`,
      );
  }
}

function misfit(node: Node, shapes: Shapes): string | null {
  const [x, w] = node.inputs.map((input) => (input ? shapes.get(input) : undefined));
  if (!x || !w) return null;
  if (isOp(node, "Conv")) {
    const channels = w[1] * intAttribute(node, "group", 1);
    return x[1] === channels ? null : `takes ${channels} channels, not ${x[1]} of [${x}]`;
  }
  if (isOp(node, "ConvTranspose"))
    return x[1] === w[0] ? null : `takes ${w[0]} channels, not ${x[1]} of [${x}]`;
  if (isOp(node, "Gemm")) {
    const features = intAttribute(node, "transB", 0) ? w[1] : w[0];
    return x[1] === features ? null : `takes ${features} features, not ${x[1]} of [${x}]`;
  }
  return null;
}
