/** The entry point for Node: {@link ./index.ts} with data from files. */

export * from "./index.js";
export {
  type ImageOptions,
  type ReadExamDataOptions,
  readExamData,
} from "./read-exam-data.node.js";
