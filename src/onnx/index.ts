export { copyModel } from "./copy-model.js";
export { type Pieces, readPart } from "./encode.js";
export { FileTensor, type OpenExternal } from "./file-tensor.js";
export { callFault } from "./function-calls.js";
export { inlineFunctions } from "./inline-functions.js";
export { type OpenedModel, openBodies } from "./open-bodies.js";
export { encodeOptimisationProbe, type OptimisationProbeOptions } from "./optimisation-probe.js";
export { type ReadModelOptions, readModel } from "./read.js";
export type { Payload } from "./schema.js";
export { encodeShapeProbe, type ShapeProbeOptions, SIZE_INPUTS } from "./shape-probe.js";
export {
  type ExternalPieces,
  encodeModel,
  modelPieces,
  modelWithExternalWeights,
} from "./write.js";
