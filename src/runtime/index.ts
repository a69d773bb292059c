export { blockConvolutions } from "./block-convolutions.js";
export { probeBlockSize } from "./block-size.js";
export { refuseFatal } from "./fatal.js";
export { fusedNodes } from "./fused-nodes.js";
export { BLOCKED_DOMAIN, type ReadOptimisedGraph } from "./optimised-graph.js";
export type { ProfileRuns, ProfileRunsOptions, RunProfile } from "./profile.js";
export { bySession } from "./profile-sessions.js";
export { quietRuntime } from "./quiet-runtime.js";
export { type Port, Session, type SessionOptions, type Tensors } from "./session.js";
export { inferShapes, reasonOf, type Shapes } from "./shapes.js";
export {
  BROWSER_TARGETS,
  type BrowserTarget,
  checkTarget,
  DEFAULT_TARGET,
  isBrowserTarget,
  ownProvider,
  runtimeVersion,
  TIMED_TARGETS,
  type TimedTarget,
} from "./targets.js";
export { type TimeOnceOptions, type TimingLimits, timeOnce } from "./time-once.js";
export { nodeSumMs, type Trace, type TracedNode } from "./trace.js";
