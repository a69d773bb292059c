import type { Value } from "../../graph/index.js";
import type { GraphBuilder } from "../../ops/index.js";
import type { Tensors } from "../../runtime/index.js";
import { reduce } from "../reduce.js";
import { Series, shortNumber } from "../series.js";
import type { Magnitude } from "./section.js";

/** The names of the outputs that carry the sizes of one value's parts in a batch. */
export interface MagnitudePorts {
  /** Of |v|, over all parts: one number. */
  readonly peak: string;
  /** Means of |v| / peak and of its square, one a part, row after row. */
  readonly meanAbs: string;
  readonly meanSquare: string;
}

/** Under it a peak counts as nothing: the smallest normal numbers of float32 are near. */
const LEAST_PEAK = 1e-37;

/**
 * The nodes that reduce a value to the sizes of its parts, so that no gradient leaves the runtime. Values are
 * divided by the largest before they are squared: float32 holds no squares of numbers under 1e-22.
 *
 * @param shape What the value is reshaped to; 0 and -1 as in ONNX.
 * @param axes Those that are averaged over; the others tell the parts apart.
 */
export function appendMagnitudes(
  g: GraphBuilder,
  opset: number,
  value: Value,
  shape: readonly number[],
  axes: readonly number[],
): MagnitudePorts {
  const size = g.op("Abs", [g.reshape(value, shape)]);
  const peak = reduce(g, opset, "ReduceMax", size, null);
  const scaled = g.op("Div", [size, g.op("Max", [peak, g.scalar(LEAST_PEAK)])]);
  const meanAbs = reduce(g, opset, "ReduceMean", scaled, axes);
  const meanSquare = reduce(g, opset, "ReduceMean", g.op("Mul", [scaled, scaled]), axes);
  g.graph.outputs.push(peak, meanAbs, meanSquare);
  return { peak: peak.name, meanAbs: meanAbs.name, meanSquare: meanSquare.name };
}

/** The parts of one sample, or batch. */
export interface Row {
  /** Of each part: means of |v| and of its square, of values divided by `factor`. */
  readonly meanAbs: Float32Array;
  readonly meanSquares: Float32Array;
  readonly factor: number;
}

/** Is shown each row as it comes by. */
export interface RowReader {
  read(row: Row): void;
}

/** Sizes of the parts of a value over any number of batches, in float64, and of the whole in each sample or batch. */
export class MagnitudeSums {
  #weight = 0;
  readonly #abs: Float64Array;
  readonly #squares: Float64Array;
  readonly #eachAbs = new Series();
  readonly #eachRms = new Series();
  /** Of each part over the batch added last. */
  readonly #lastSquares: Float64Array;

  constructor(
    readonly parts: number,
    readonly readers: readonly RowReader[] = [],
  ) {
    this.#abs = new Float64Array(parts);
    this.#squares = new Float64Array(parts);
    this.#lastSquares = new Float64Array(parts);
  }

  /**
   * Adds a batch.
   *
   * @param scale What the value is multiplied by.
   * @param weight What a row of parts counts for. Defaults to 1.
   */
  add(results: Tensors, ports: MagnitudePorts, scale = 1, weight = 1): void {
    const { parts } = this;
    const numbers = (name: string) => results[name].data as Float32Array;
    const factor = numbers(ports.peak)[0] * scale;
    const [meanAbs, meanSquare] = [numbers(ports.meanAbs), numbers(ports.meanSquare)];
    const rows = meanAbs.length / parts;
    const last = this.#lastSquares.fill(0);
    for (let at = 0; at < meanAbs.length; at++) {
      this.#abs[at % parts] += weight * factor * meanAbs[at];
      last[at % parts] += (factor * factor * meanSquare[at]) / rows;
    }
    for (let part = 0; part < parts; part++) this.#squares[part] += weight * rows * last[part];
    this.#weight += weight * rows;
    for (let start = 0; start < meanAbs.length; start += parts) {
      const [abs, squares] = [meanAbs, meanSquare].map((all) => all.subarray(start, start + parts));
      this.#eachAbs.push(factor * mean(abs));
      this.#eachRms.push(factor * Math.sqrt(mean(squares)));
      for (const reader of this.readers)
        reader.read({ meanAbs: abs, meanSquares: squares, factor });
    }
  }

  meanAbs(): number[] {
    return Array.from(this.#abs, (total) => total / this.#weight);
  }

  rms(): number[] {
    return this.meanSquares().map(Math.sqrt);
  }

  meanSquares(): number[] {
    return Array.from(this.#squares, (total) => total / this.#weight);
  }

  /** Of each part over the batch added last. */
  lastRms(): number[] {
    return Array.from(this.#lastSquares, Math.sqrt);
  }

  /** RMS over all parts, which have as many elements each. */
  wholeRms(): number {
    return Math.sqrt(mean(this.meanSquares()));
  }

  /** The same of each sample, or batch. */
  eachRms(): readonly number[] {
    return this.#eachRms.numbers;
  }

  /** Over all parts. Null where it is not finite. */
  whole(): Magnitude | null {
    const [meanAbs, rms] = [mean(this.meanAbs()), this.wholeRms()];
    const [meanAbsSpread, rmsSpread] = [this.#eachAbs.spread(), this.#eachRms.spread()];
    if (!Number.isFinite(meanAbs + rms) || !meanAbsSpread || !rmsSpread) return null;
    return { meanAbs: shortNumber(meanAbs), rms: shortNumber(rms), meanAbsSpread, rmsSpread };
  }
}

export function mean(numbers: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < numbers.length; i++) total += numbers[i];
  return total / numbers.length;
}
