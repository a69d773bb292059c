export type { Attribute, AttributeLike, Int } from "./attribute.js";
export { attributeOf, subgraphsOf, toNumber } from "./attribute.js";
export type { NodeOptions } from "./graph.js";
export { Graph } from "./graph.js";
export type { FunctionDefinition } from "./model.js";
export { Model } from "./model.js";
export { Node } from "./node.js";
export { capturedValues, topologicalOrder, valuesRead } from "./order.js";
export {
  allNodes,
  floatAttribute,
  intAttribute,
  intsAttribute,
  isOp,
  isOutput,
  isStandardDomain,
  stringAttribute,
} from "./query.js";
export { parseModel } from "./text.js";
export { printGraph } from "./text-printer.js";
export type { Dim, OpaqueType, TensorType, ValueType } from "./types.js";
export { staticShape } from "./types.js";
export type { Use } from "./value.js";
export { Value } from "./value.js";
