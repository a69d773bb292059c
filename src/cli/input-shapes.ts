import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";

/** What `--input` gave, as parsed. */
export type GivenInputs = readonly (readonly [name: string, shape: readonly number[]])[];

/** @throws UsageError when an input is given twice. */
export function shapesByName(given: GivenInputs): Record<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const [name, shape] of given) {
    if (shapes.has(name)) throw new UsageError(`--input ${printable(name)} is given twice`);
    shapes.set(name, shape);
  }
  return Object.fromEntries(shapes);
}
