import { UsageError } from "../util/errors.js";
import type { Dataset } from "./data/index.js";
import type { FitOptions, FitSettings } from "./fit-options.js";
import type { Metric } from "./metrics/index.js";
import type { LossOption, WeightedLoss } from "./objective.js";

/** What a training must have in common with the checkpoint that it goes on from. */
export interface Terms {
  readonly seed: number;
  readonly batchSize: number;
  readonly accumulate: number;
  /** Size of the data set. */
  readonly examples: number;
  /** By name. */
  readonly optimizer: string;
  readonly loss: string;
  readonly metrics: string;
}

export function termsOf(
  { size }: Dataset,
  { loss, metrics = [] }: FitOptions,
  { seed, batchSize, accumulate, optimizer }: FitSettings,
): Terms {
  const lists = (Array.isArray(metrics) ? { "": metrics } : metrics) as Record<string, Metric[]>;
  return {
    seed,
    batchSize,
    accumulate,
    examples: size,
    optimizer: optimizer.name,
    loss: nameOf(loss),
    metrics: Object.entries(lists)
      .map(([output, list]) => labelled(output, list.map(({ name }) => name).join(" + ")))
      .join(", "),
  };
}

/** @throws UsageError for the first that is another. */
export function checkTerms(then: Terms, now: Terms): void {
  for (const [name, value] of Object.entries(now)) {
    const held = then[name as keyof Terms];
    if (held !== value)
      throw new UsageError(`fit: ${name}=${value} must be ${name}=${held}, as in the checkpoint`);
  }
}

function nameOf(loss: LossOption): string {
  if (typeof loss.write === "function") return loss.name as string;
  return Object.entries(loss as Readonly<Record<string, LossOption | WeightedLoss>>)
    .map(([output, one]) => {
      const { loss: inner, weight } = one as WeightedLoss;
      return labelled(output, inner ? `${weight} * ${inner.name}` : nameOf(one as LossOption));
    })
    .join(", ");
}

function labelled(output: string, text: string): string {
  return output === "" ? text : `${output}: ${text}`;
}
