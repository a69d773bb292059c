import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import type { Dataset } from "./data/index.js";
import type { ChangedTerm } from "./events.js";
import type { FitOptions, FitSettings } from "./fit-options.js";
import type { Loss } from "./losses/index.js";
import type { Metric } from "./metrics/index.js";
import type { LossOption, WeightedLoss } from "./objective.js";
import { planOf } from "./warm-up-groups.js";

/** The recipe of a training, as its checkpoints hold it. */
export interface Terms {
  /** What a training must have in common with the checkpoint that it goes on from. */
  readonly fixed: {
    readonly seed: number;
    readonly batchSize: number;
    readonly accumulate: number;
    /** Size of the data set. */
    readonly examples: number;
    readonly optimizer: string;
    readonly loss: string;
    readonly metrics: string;
    readonly augment: string;
    readonly groupWarmup: string;
  };
  /** What may be another from there on; it is told. */
  readonly free: {
    readonly epochs: number;
    readonly lr: number;
    readonly schedule: string;
    readonly clipNorm: number | null;
    readonly averageDecay: number | null;
  };
}

export function termsOf(
  { size }: Dataset,
  { loss, metrics = [], epochs, augment, groupWarmup, clipNorm, averageDecay }: FitOptions,
  { seed, batchSize, accumulate, optimizer, schedule }: FitSettings,
): Terms {
  const lists = (Array.isArray(metrics) ? { "": metrics } : metrics) as Record<string, Metric[]>;
  const warmup = groupWarmup && planOf(groupWarmup);
  return {
    fixed: {
      seed,
      batchSize,
      accumulate,
      examples: size,
      optimizer: recipeOf(optimizer),
      loss: lossText(loss),
      metrics: Object.entries(lists)
        .map(([output, list]) => labelled(output, list.map(({ name }) => name).join(" + ")))
        .join(", "),
      augment: augment ? recipeOf(augment) : "none",
      groupWarmup: warmup ? `${recipeOf(warmup.schedule)}, ${warmup.weights}` : "none",
    },
    free: {
      epochs,
      lr: optimizer.lr,
      schedule: recipeOf(schedule),
      clipNorm: clipNorm ?? null,
      averageDecay: averageDecay ?? null,
    },
  };
}

/** @throws UsageError for the first that is another. */
export function checkTerms({ fixed: then }: Terms, { fixed: now }: Terms): void {
  for (const { name, from, to } of differences(then, now))
    throw new UsageError(
      `fit: ${name}=${to} must be ${name}=${printable(String(from))}, as in the checkpoint`,
    );
}

/** What is another, and may be. */
export function changedTerms({ free: then }: Terms, { free: now }: Terms): ChangedTerm[] {
  return differences(then, now);
}

function differences<Values extends Readonly<Record<string, ChangedTerm["to"]>>>(
  then: Values,
  now: Values,
): ChangedTerm[] {
  return Object.entries(now)
    .map(([name, to]) => ({ name, from: then[name], to }))
    .filter(({ from, to }) => from !== to);
}

function recipeOf({ recipe, name }: { readonly recipe?: string; readonly name: string }): string {
  return recipe ?? name;
}

function lossText(loss: LossOption): string {
  if (typeof loss.write === "function") return recipeOf(loss as Loss);
  return Object.entries(loss as Readonly<Record<string, LossOption | WeightedLoss>>)
    .map(([output, one]) => {
      const { loss: inner, weight } = one as WeightedLoss;
      return labelled(
        output,
        inner ? `${weight} * ${recipeOf(inner)}` : lossText(one as LossOption),
      );
    })
    .join(", ");
}

function labelled(output: string, text: string): string {
  return output === "" ? text : `${output}: ${text}`;
}
