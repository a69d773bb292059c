import type { Value } from "../../graph/index.js";
import type { GraphBuilder } from "../../ops/index.js";
import type { Tensors } from "../../runtime/index.js";
import { tensor } from "../../tensor/index.js";
import { product, range } from "../../util/math.js";
import { gridPositions } from "./grid.js";

/** From this version on there is GatherElements, which picks other positions of every sample. */
const GATHER_ELEMENTS = 11;

/** Where each row of a value, along its batch axis, is looked at. */
export interface SampledGrid {
  readonly size: readonly number[];
  /** Positions of each axis. */
  readonly counts: readonly number[];
  /** Rows for each sample of a full batch of the data: more than one behind a reshape into the batch axis. */
  readonly rowsPerSample: number;
}

/** Makes grids of values the outputs of a graph. Where they lie is an input, one for all values of a size. */
export class GridTaps {
  readonly #g: GraphBuilder;
  readonly #picksBySample: boolean;
  readonly #hasFullBatches: boolean;
  readonly #inputs = new Map<string, { input: Value; grid: SampledGrid }>();
  /** Places for each channel: one for all values that look at the same ones. */
  readonly #expanded = new Map<string, Value>();

  /**
   * @param opset The model's version of the ONNX operators.
   * @param hasFullBatches Whether all batches have as many samples: the last one has then as many rows, too.
   */
  constructor(g: GraphBuilder, opset: number, hasFullBatches: boolean) {
    this.#g = g;
    this.#picksBySample = opset >= GATHER_ELEMENTS;
    this.#hasFullBatches = hasFullBatches;
  }

  /**
   * Adds an output `[N, C, positions]`. The last node to it is one that the runtime never replaces by its own, which
   * it would compute in an order of its own; see `exposeLayers`.
   */
  expose(value: Value, channels: number, grid: SampledGrid): Value {
    const g = this.#g;
    const rows = g.reshape(value, [0, 0, -1]);
    const seen = isWhole(grid) ? rows : this.#pick(rows, channels, this.#places(grid));
    g.graph.outputs.push(seen);
    return seen;
  }

  /** What the graph wants besides the data, for a batch of so many samples, of which so many came before. */
  feeds(before: number, samples: number): Tensors {
    return Object.fromEntries(
      [...this.#inputs.values()].map(({ input, grid }) => {
        const rows = grid.rowsPerSample * (this.#picksBySample ? samples : 1);
        const first = before * grid.rowsPerSample;
        const places = range(rows).flatMap((row) =>
          gridPositions(grid.size, grid.counts, first + row),
        );
        const count = product(grid.counts);
        const shape = this.#picksBySample ? [rows, 1, count] : [count];
        return [input.name, tensor(Int32Array.from(places), shape)];
      }),
    );
  }

  #pick(rows: Value, channels: number, places: Value): Value {
    const g = this.#g;
    if (!this.#picksBySample) return g.op("Gather", [rows, places], { axis: 2 });
    const own = this.#hasFullBatches ? places : this.#placesOf(rows, places);
    return g.op("GatherElements", [rows, this.#ofAll(own, channels)], { axis: 2 });
  }

  #ofAll(places: Value, channels: number): Value {
    const key = `${places.name} ${channels}`;
    const known = this.#expanded.get(key);
    if (known) return known;
    const expanded = this.#g.op("Expand", [places, this.#g.ints([1, channels, 1])]);
    this.#expanded.set(key, expanded);
    return expanded;
  }

  /** One for each row there is, from the first on again where they run out: a smaller batch may have any number. */
  #placesOf(rows: Value, places: Value): Value {
    const g = this.#g;
    const scalar = (n: number) => g.constant(tensor(BigInt64Array.of(BigInt(n)), []));
    const zero = scalar(0);
    const lengthOf = (value: Value) => g.op("Gather", [g.op("Shape", [value]), zero]);
    const all = g.op("Range", [zero, lengthOf(rows), scalar(1)]);
    return g.op("Gather", [places, g.op("Mod", [all, lengthOf(places)])]);
  }

  #places(grid: SampledGrid): Value {
    const key = [...grid.size, "of", ...grid.counts, "by", grid.rowsPerSample].join("_");
    const known = this.#inputs.get(key);
    if (known) return known.input;
    const count = product(grid.counts);
    const name = this.#g.graph.freshName(`places_${key}`);
    const input = this.#g.input(name, this.#picksBySample ? [null, 1, count] : [count], "int32");
    this.#inputs.set(key, { input, grid });
    return input;
  }
}

export function isWhole({ size, counts }: SampledGrid): boolean {
  return product(size) === product(counts);
}
