import type { Model } from "../graph/index.js";

/**
 * Gives the graph ONNX Runtime really runs on the CPU in place of a model: nodes fused, layouts chosen.
 * Only Node can: its entry point has `readOptimisedGraph`, and passes it to whoever takes this as an option.
 */
export type ReadOptimisedGraph = (source: Model | Uint8Array) => Promise<Model>;

/** Operators on channels in blocks: the runtime's fast path for float convolutions. */
export const BLOCKED_DOMAIN = "com.microsoft.nchwc";
