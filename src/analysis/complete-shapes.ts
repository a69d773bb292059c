import { type Graph, isOp, type Model, type Value } from "../graph/index.js";
import { type OpenedModel, openBodies, SIZE_INPUTS } from "../onnx/index.js";
import { inferShapes, type Shapes } from "../runtime/index.js";
import { RuntimeError } from "../util/errors.js";
import { foldIntegers } from "./integers.js";

/** How often the runtime is asked again: a network may compute each size from the one before it. */
const MOST_ROUNDS = 16;

/**
 * Shapes from the runtime, those of values in the bodies of control flow included: of both branches of an If, and
 * of an iteration of a loop where each has the same shapes. Where iterations differ, nothing is said of the body.
 *
 * @throws RuntimeError when the runtime cannot load the model, in its words.
 */
export async function completeShapes(
  model: Model,
  inputShapes: ReadonlyMap<string, readonly number[]>,
): Promise<Shapes> {
  const opened = openBodies(model);
  if (opened)
    try {
      return closed(opened, await shapesOfMain(opened.model, inputShapes));
    } catch (error) {
      if (!(error instanceof RuntimeError)) throw error; // what never runs may not fit: leave bodies closed
    }
  return shapesOfMain(model, inputShapes);
}

/** Shapes of a copy with open bodies, as those of the original. */
function closed({ copies, carried }: OpenedModel, shapes: Shapes): Shapes {
  const changing = new Set<Graph>();
  for (const { body, before, after } of carried)
    if (shapes.get(copies.get(before)!)?.join() !== shapes.get(copies.get(after)!)?.join())
      changing.add(body);
  const isChanging = (graph: Graph | null): boolean =>
    graph !== null && (changing.has(graph) || isChanging(graph.parent));
  const known = new Map<Value, readonly number[]>();
  for (const [value, copy] of copies) {
    const shape = shapes.get(copy);
    if (shape && (value.initializer || !isChanging(value.graph))) known.set(value, shape);
  }
  return known;
}

/**
 * Shapes from the runtime, for models that compute sizes from shapes too, as exporters write
 * `x.view(x.shape[0], -1)`: the runtime infers no shape behind such a size. Sizes that follow from the
 * shapes so far are worked out here, and the runtime is asked again with them as constants.
 */
async function shapesOfMain(
  model: Model,
  inputShapes: ReadonlyMap<string, readonly number[]>,
): Promise<Shapes> {
  let shapes = await inferShapes(model, inputShapes);
  const sizes = new Map<string, readonly number[]>();
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const open = openSizes(model.graph, shapes).filter(({ name }) => !sizes.has(name));
    if (open.length === 0) break;
    const integers = await foldIntegers(model.graph, shapes);
    const found = open.filter((value) => integers.has(value));
    if (found.length === 0) break;
    for (const value of found) sizes.set(value.name, integers.get(value)!);
    try {
      shapes = await inferShapes(model, inputShapes, sizes);
    } catch (error) {
      if (error instanceof RuntimeError) break; // a size that does not fit is the model's fault, if it ever runs
      throw error;
    }
  }
  return shapes;
}

/** Computed sizes behind which the runtime knew no shape. */
function openSizes(graph: Graph, shapes: Shapes): Value[] {
  return graph.nodes.flatMap((node) => {
    if (!isOp(node, ...Object.keys(SIZE_INPUTS))) return [];
    const size = node.inputs[SIZE_INPUTS[node.op]];
    const [output] = node.outputs;
    return size?.producer && output && !shapes.has(output) ? [size] : [];
  });
}
