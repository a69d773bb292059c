/**
 * groupconv: reads a neural network (ONNX) and says what the groups of its convolutions do.
 * This entry point runs anywhere; Node's adds file paths and the graph the runtime really runs.
 */

export {
  type ChannelSpace,
  type ChannelSpaces,
  findChannelSpaces,
  permuteChannels,
  permuteTensors,
  type SurveyOptions,
  survey,
} from "./analysis/index.js";
export {
  type AuditOptions,
  type AuditRow,
  audit,
  audits,
  type ConvolutionRow,
  type Finding,
  PRESETS,
  type Preset,
  type Result,
  type Severity,
} from "./audits/index.js";
export { differentiableOps, type GradientOptions, gradients } from "./autodiff/index.js";
export { Graph, Model, Node, parseModel, printGraph, Value } from "./graph/index.js";
export * from "./groups/index.js";
export { encodeModel, type ReadModelOptions, readModel } from "./onnx/index.js";
export { GraphBuilder, newModel, readIntegers } from "./ops/index.js";
export * from "./regroup/index.js";
export {
  type JsonSchema,
  parseResult,
  RENDER_FORMATS,
  type RenderFormat,
  type RenderOptions,
  render,
  resultJsonSchema,
} from "./report/index.js";
export {
  inferShapes,
  type Port,
  Session,
  type SessionOptions,
  type Shapes,
  type Tensors,
} from "./runtime/index.js";
export * from "./tensor/index.js";
export * from "./util/errors.js";
export { VERSION } from "./util/version.js";
