import type { Evidence } from "../groups/index.js";

/** Evidence that several audits rest on. */

/** "W: M x C/group x kH x kW", and C must be what the data has. */
export const convSpecification: Evidence = {
  level: "specification",
  source: "https://onnx.ai/onnx/operators/onnx__Conv.html",
};

/** The same networks with groups that meet in the classifier alone. */
export const withoutShuffles: Evidence = {
  level: "published",
  source:
    "ShuffleNet, Table 3: without its shuffles the same network loses 1.3 to 5.8 points, https://arxiv.org/abs/1707.01083",
};
