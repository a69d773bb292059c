import { isOp, type Node, type Value, valuesRead } from "../graph/index.js";
import { constantBehind } from "./convolution.js";

/**
 * The values that change with what a graph is fed, other than through its shape. What comes from a graph
 * around this one counts, unless it is a constant there.
 *
 * @param order The graph's nodes, each after what it reads; those of branches in it may be among them.
 */
export function dataValues(order: readonly Node[]): ReadonlySet<Value> {
  const data = new Set<Value>();
  const graphs = new Set(order.map(({ graph }) => graph));
  for (const node of order) {
    const read = valuesRead(node);
    for (const value of read) if (!value.producer && !value.initializer) data.add(value);
    for (const value of read)
      if (!graphs.has(value.graph) && !constantBehind(value)) data.add(value);
    if (isOp(node, "Shape", "Size") || !read.some((value) => data.has(value))) continue;
    for (const output of node.outputs) if (output) data.add(output);
  }
  return data;
}
