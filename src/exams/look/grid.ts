import type { Value } from "../../graph/index.js";
import type { GraphBuilder } from "../../ops/index.js";
import { ceilDiv, product, range } from "../../util/math.js";

/**
 * How far apart the positions of a value are that are looked at: every `step`th of each axis, so that a sample
 * has at most so many. Neighbours in a picture are alike; a grid over all of it tells more than some whole rows.
 */
export function gridStep(shape: readonly number[], maxPositions: number): number {
  const size = shape.slice(2);
  const largest = Math.max(1, ...size);
  let step = Math.max(1, Math.floor((product(size) / maxPositions) ** (1 / size.length)));
  while (step < largest && product(gridOf(size, step)) > maxPositions) step++;
  return Math.min(step, largest);
}

/** Shape of what is seen of a value: `[N, C, ...ceil(size / step)]`. */
export function shapeOfGrid([samples, channels, ...size]: readonly number[], step: number) {
  return [samples, channels, ...gridOf(size, step)];
}

function gridOf(size: readonly number[], step: number): number[] {
  return size.map((length) => ceilDiv(length, step));
}

export interface ExposeOptions {
  /**
   * Whether the runtime's CPU is likely to hold the value in blocks of channels. It can pool them there, and a
   * window of one is the position; what is picked otherwise it must put in order first, all of it.
   */
  readonly blocked: boolean;
  /** The model's version of the ONNX operators. */
  readonly opset: number;
}

/**
 * Makes every `step`th position of a value, along each axis, an output, `[N, C, positions]`. The last node to it
 * is one that the runtime never replaces by its own, which it would compute in an order of its own; see
 * `exposeLayers`.
 */
export function exposeGrid(
  g: GraphBuilder,
  value: Value,
  shape: readonly number[],
  step: number,
  options: ExposeOptions,
): Value {
  const picked = step === 1 ? value : pick(g, value, shape.slice(2), step, options);
  const seen = g.reshape(picked, [0, 0, -1]);
  g.graph.outputs.push(seen);
  return seen;
}

/** From this version on Slice takes steps. */
const SLICE_STEPS = 10;

function pick(
  g: GraphBuilder,
  value: Value,
  size: readonly number[],
  step: number,
  { blocked, opset }: ExposeOptions,
): Value {
  if (blocked)
    return g.op("AveragePool", [value], {
      kernel_shape: size.map(() => 1),
      strides: size.map(() => step),
    });
  return size.reduce((seen, length, axis) => {
    // Whole rows are gathered in less time than sliced, single values the other way round.
    const isLast = axis > 0 && axis === size.length - 1;
    if (isLast && opset >= SLICE_STEPS) {
      const [start, end, steps] = [0, length, step].map((n) => g.ints([n]));
      return g.op("Slice", [seen, start, end, g.ints([axis + 2]), steps]);
    }
    const places = g.ints(range(ceilDiv(length, step)).map((i) => i * step));
    return g.op("Gather", [seen, places], { axis: axis + 2 });
  }, value);
}
