import { type Attribute, type Graph, isOp, toNumber, type Value } from "../graph/index.js";
import { type DType, type LazyTensor, readFloat64 } from "../tensor/index.js";
import { product } from "../util/math.js";

/** Longer lists are data, not axes or bounds. */
const MOST_ELEMENTS = 2 ** 16;

const wholeDTypes: ReadonlySet<DType> = new Set(["int64", "int32", "bool"]);

/**
 * Whole numbers written into a graph as initializers or `Constant` nodes (axes, bounds, repeats; truths
 * as 0 and 1), flattened. Numbers that the graph computes are not among them.
 */
export async function readIntegers(graph: Graph): Promise<Map<Value, readonly number[]>> {
  const known = new Map<Value, readonly number[]>();
  const read = async (value: Value, tensor: LazyTensor) => {
    if (wholeDTypes.has(tensor.dtype) && product(tensor.shape) <= MOST_ELEMENTS)
      known.set(value, [...(await readFloat64(tensor))]);
  };
  for (const value of graph.initializers) await read(value, value.initializer!);
  for (const node of graph.nodes) {
    const output = node.outputs[0];
    if (!output || !isOp(node, "Constant")) continue;
    for (const attribute of node.attributes.values()) {
      if (attribute.type === "tensor") await read(output, attribute.value);
      const numbers = listed(attribute);
      if (numbers) known.set(output, numbers);
    }
  }
  return known;
}

function listed(attribute: Attribute): number[] | undefined {
  if (attribute.type === "int") return [toNumber(attribute.value)];
  return attribute.type === "ints" ? attribute.value.map(toNumber) : undefined;
}
