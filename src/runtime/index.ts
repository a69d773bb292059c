export { probeBlockSize } from "./block-size.js";
export { refuseFatal } from "./fatal.js";
export { BLOCKED_DOMAIN, type ReadOptimisedGraph } from "./optimised-graph.js";
export { type Port, Session, type SessionOptions, type Tensors } from "./session.js";
export { inferShapes, reasonOf, type Shapes } from "./shapes.js";
