/** The entry point for Node: {@link ./index.ts} with data from files, and all that ask can measure there. */

export { checkSweep } from "./ask/ask.node.js";
export { examine } from "./examine.node.js";
export * from "./index.js";
export {
  type ImageOptions,
  type ReadExamDataOptions,
  readExamData,
} from "./read-exam-data.node.js";
