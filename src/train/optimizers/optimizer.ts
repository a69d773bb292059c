import type { Value } from "../../graph/index.js";
import type { GraphBuilder } from "../../ops/index.js";
import { UsageError } from "../../util/errors.js";

/** What an optimizer makes of one parameter in one step. */
export interface Update {
  readonly param: Value;
  /** In the order of {@link Optimizer.slots}. */
  readonly slots: readonly Value[];
}

/** A rule for the next value of a parameter, written as nodes. */
export interface Optimizer {
  readonly name: string;
  /** Name and options but for the rate, which a resumed training must find again. Defaults to the name. */
  readonly recipe?: string;
  /** Learning rate where the schedule's factor is 1. */
  readonly lr: number;
  /** What it remembers of each parameter from step to step, in tensors of its shape that start at zero. */
  readonly slots: readonly string[];
  /**
   * Numbers that change from step to step.
   * @param step 1 is the first.
   */
  scalars(step: number, lr: number): Readonly<Record<string, number>>;
  /** @param scalars What `scalars` gives, as values of shape `[]`. */
  write(
    g: GraphBuilder,
    param: Value,
    gradient: Value,
    slots: readonly Value[],
    scalars: Readonly<Record<string, Value>>,
  ): Update;
}

export function checkShare(optimizer: string, name: string, value: number): void {
  if (!(value >= 0 && value < 1))
    throw new UsageError(`${optimizer}: ${name}=${value} must be at least 0 and less than 1`);
}

export function checkNonNegative(optimizer: string, name: string, value: number): void {
  if (!(value >= 0 && Number.isFinite(value)))
    throw new UsageError(`${optimizer}: ${name}=${value} must be a number of at least 0`);
}
