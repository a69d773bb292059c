/** The entry point for Node: {@link ./index.ts} with file paths, and fast paths confirmed by the runtime. */

import { type AuditOptions, audit as auditAnywhere, type Result } from "./audits/index.js";
import { type ReadModelFileOptions, readModelFile } from "./files/index.js";
import type { Model } from "./graph/index.js";
import { type ReadModelOptions, readModel as readModelAnywhere } from "./onnx/index.js";
import { readOptimisedGraph } from "./runtime/optimised-graph.node.js";
import type { ByteSource } from "./util/byte-source.js";

export {
  type ProfileOptions,
  profile,
  type SweepGroupsOptions,
  sweepGroups,
} from "./exams/ask/ask.node.js";
export { examine } from "./exams/examine.node.js";
export type { ProfileSection, SweepSection } from "./exams/index.js";
export {
  type CheckpointFile,
  checkpointFile,
  readModelFile,
  writeModelFile as writeModel,
} from "./files/index.js";
export * from "./index.js";
export {
  type Checkup,
  checkupJsonSchema,
  checkupOf,
  EXAM_FORMATS,
  type ExamFormat,
  type ExamRenderOptions,
  examReportJsonSchema,
  parseCheckup,
  parseExamReport,
  renderCheckup,
  renderExam,
} from "./report/index.js";
export { readOptimisedGraph } from "./runtime/optimised-graph.node.js";
export { saveNetwork } from "./train/save-network.node.js";

/**
 * Reads an ONNX model from a path, bytes, a Blob or any byte source. By its path, a model of any size is
 * read without its weights, and weights in files beside it are found.
 *
 * @throws FormatError when it is no ONNX model or cannot be read; GraphError when its graph is no graph.
 */
export function readModel(
  source: string | Uint8Array | Blob | ByteSource,
  options: ReadModelOptions & ReadModelFileOptions = {},
): Promise<Model> {
  return typeof source === "string"
    ? readModelFile(source, options)
    : readModelAnywhere(source, options);
}

/** As {@link auditAnywhere}, with fast paths confirmed by the graph ONNX Runtime runs on this machine. */
export function audit(model: Model, options: AuditOptions = {}): Promise<Result> {
  return auditAnywhere(model, { readOptimisedGraph, ...options });
}
