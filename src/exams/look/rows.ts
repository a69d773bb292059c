import type { Value } from "../../graph/index.js";
import type { GraphBuilder } from "../../ops/index.js";
import { ceilDiv, product, range } from "../../util/math.js";

/** The rows of a value that are looked at: every `step`th, so that a sample has at most so many positions. */
export function rowStep(shape: readonly number[], maxPositions: number): number {
  const [, , rows = 1, ...rest] = shape;
  const wanted = ceilDiv(rows * product(rest), maxPositions);
  return Math.max(1, Math.min(wanted, rows));
}

/** Shape of what is seen of a value: `[N, C, ceil(rows / step), ...rest]`. */
export function shapeOfRows(shape: readonly number[], step: number): number[] {
  const [samples, channels, rows = 1, ...rest] = shape;
  return [samples, channels, ceilDiv(rows, step), ...rest];
}

/**
 * Makes every `step`th row of a value an output.
 *
 * @param blocked Whether the runtime's CPU is likely to hold the value in blocks of channels. It can pool them
 *     there, and one row of a window of one is the row; what is gathered it must put in order first, all of it.
 */
export function exposeRows(
  g: GraphBuilder,
  value: Value,
  shape: readonly number[],
  step: number,
  blocked: boolean,
): Value {
  const seen = step === 1 ? value : pickRows(g, value, shape, step, blocked);
  g.graph.outputs.push(seen);
  return seen;
}

function pickRows(
  g: GraphBuilder,
  value: Value,
  shape: readonly number[],
  step: number,
  blocked: boolean,
): Value {
  const [, , rows, ...rest] = shape;
  if (!blocked) {
    const seen = range(ceilDiv(rows, step)).map((row) => row * step);
    return g.op("Gather", [value, g.ints(seen)], { axis: 2 });
  }
  const ones = rest.map(() => 1);
  return g.op("AveragePool", [value], { kernel_shape: [1, ...ones], strides: [step, ...ones] });
}
