import { z } from "zod";
import { type Training, WEIGHT_CARRIES } from "../../train/index.js";
import { describeIssue } from "../describe-issue.js";

/** A value of a kind that only its maker knows: a loss, a schedule, a data set. */
function made<T>(isOne: (value: unknown) => boolean, what: string) {
  return z.custom<T>(isOne, `must be ${what}`);
}

const isFunction = (value: unknown) => typeof value === "function";
const isObject = (value: unknown) => typeof value === "object" && value !== null;
const isDataset = (value: unknown) =>
  isFunction(value) || (isObject(value) && isFunction((value as { batch?: unknown }).batch));
const isWarmup = (value: unknown) => {
  if (!isObject(value)) return isFunction(value);
  const { schedule, weights = "inherit" } = value as { schedule?: unknown; weights?: unknown };
  return isFunction(schedule) && WEIGHT_CARRIES.some((carry) => carry === weights);
};
const whole = z.number().int();

const earlyStopping = z.strictObject({
  patience: whole.min(1).optional(),
  monitor: z.string().optional(),
  minDelta: z.number().min(0).optional(),
});
const checkpoints = z.strictObject({
  everyEpochs: whole.min(1).optional(),
  everySteps: whole.min(1).optional(),
});
const dataset = made<Training["data"]>(isDataset, "a data set, or a function that loads one");

/** Kinds alone: what the numbers may be is for `fit` to say. */
const trainingSchema = z.strictObject({
  network: made<Training["network"]>(isFunction, "a function that makes the network"),
  data: dataset,
  validation: dataset.optional(),
  loss: made<Training["loss"]>(isObject, "a loss, or losses by output"),
  optimizer: made<Training["optimizer"]>(isObject, "an optimizer, such as sgd()").optional(),
  schedule: made<Training["schedule"]>(isFunction, "a schedule, such as cosineLr()").optional(),
  epochs: z.number(),
  batchSize: z.number().optional(),
  metrics: made<Training["metrics"]>(isObject, "a list of metrics, or lists by output").optional(),
  augment: made<Training["augment"]>(isFunction, "a function of a batch").optional(),
  clipNorm: z.number().optional(),
  averageDecay: z.number().optional(),
  accumulate: z.number().optional(),
  groupWarmup: made<Training["groupWarmup"]>(
    isWarmup,
    `a groupWarmup(...), or { schedule, weights } with weights ${WEIGHT_CARRIES.join(", ")}`,
  ).optional(),
  earlyStopping: earlyStopping.optional(),
  checkpoints: checkpoints.optional(),
  seed: whole.optional(),
  threads: whole.min(1).optional(),
  output: z.string().min(1).optional(),
} satisfies Record<keyof Training, z.ZodType>);

const KNOWN_KEYS = {
  "": Object.keys(trainingSchema.shape),
  earlyStopping: Object.keys(earlyStopping.shape),
  checkpoints: Object.keys(checkpoints.shape),
};

/** What is wrong with the default export of a training file; nothing where all is well. */
export function problemsOf(value: unknown): string[] {
  if (value === undefined)
    return ["it has no default export; end it with export default defineTraining({ ... })"];
  const parsed = trainingSchema.safeParse(value);
  return parsed.success ? [] : parsed.error.issues.map((issue) => describeIssue(issue, KNOWN_KEYS));
}
