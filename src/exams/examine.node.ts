import type { Model } from "../graph/index.js";
import { nodeTools } from "./ask/ask.node.js";
import type { ExamData } from "./exam-data.js";
import { type ExamineOptions, examine as examineAnywhere } from "./examine.js";
import type { ExamReport } from "./report.js";

/** As {@link examineAnywhere}, with what only Node has for `ask`: the profiler, the cache, the real graph. */
export function examine(
  model: Model,
  data: ExamData,
  options: ExamineOptions = {},
): Promise<ExamReport> {
  return examineAnywhere(model, data, { ...options, ask: { ...nodeTools(), ...options.ask } });
}
