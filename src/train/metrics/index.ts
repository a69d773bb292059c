export { accuracy } from "./accuracy.js";
export { meanAbsoluteError } from "./mean-absolute-error.js";
export { meanIou } from "./mean-iou.js";
export type { Metric } from "./metric.js";
