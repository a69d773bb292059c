export { probeBlockSize } from "./block-size.js";
export { refuseFatal } from "./fatal.js";
export { fusedNodes } from "./fused-nodes.js";
export { BLOCKED_DOMAIN, type ReadOptimisedGraph } from "./optimised-graph.js";
export type { ProfileRuns, ProfileRunsOptions, RunProfile } from "./profile.js";
export { nodeSumMs, type Trace, type TracedNode } from "./profile-trace.js";
export { availableProviders, checkProvider, runtimeVersion } from "./providers.js";
export { type Port, Session, type SessionOptions, type Tensors } from "./session.js";
export { inferShapes, reasonOf, type Shapes } from "./shapes.js";
