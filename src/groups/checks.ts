import { UsageError } from "../util/errors.js";
import { nearestWord } from "../util/text.js";

/** @throws UsageError if `value` is not a whole number of at least `least`. */
export function checkWhole(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least)
    throw new UsageError(`${name}=${value} must be a whole number of at least ${least}`);
}

/** @throws UsageError if `depth` is not from 0 (the first layer) to 1 (the last). */
export function checkDepth(depth: number): void {
  if (!(depth >= 0 && depth <= 1)) throw new UsageError(`depth=${depth} must be from 0 to 1`);
}

/** @throws UsageError, naming the nearest, if `value` is none of `names`. */
export function checkName<Name extends string>(
  option: string,
  value: string,
  names: readonly Name[],
): asserts value is Name {
  if (names.some((name) => name === value)) return;
  const near = nearestWord(value, names);
  const hint = near === undefined ? "" : `; did you mean ${near}?`;
  throw new UsageError(
    `${option}=${JSON.stringify(value)} must be one of ${names.join(", ")}${hint}`,
  );
}
