import type { Value } from "../../graph/index.js";
import type { GraphBuilder } from "../../ops/index.js";
import type { Tensors } from "../../runtime/index.js";
import { tensor } from "../../tensor/index.js";
import { product, range } from "../../util/math.js";
import { gridPositions } from "./grid.js";

/** From this version on there is GatherElements, which picks other positions of every sample. */
const GATHER_ELEMENTS = 11;

/** What is looked at of a value whose batch has so many samples. */
export interface SampledGrid {
  readonly size: readonly number[];
  /** Positions of each axis. */
  readonly counts: readonly number[];
  /** Rows along the batch axis for each sample of the data: more than one behind a reshape into it. */
  readonly rowsPerSample: number;
}

/** Makes grids of values the outputs of a graph. Where they lie is an input, one for all values of a size. */
export class GridTaps {
  readonly #inputs = new Map<string, { input: Value; grid: SampledGrid }>();

  /** @param opset The model's version of the ONNX operators. */
  constructor(
    readonly g: GraphBuilder,
    readonly opset: number,
  ) {}

  /**
   * Adds an output `[N, C, positions]`. The last node to it is one that the runtime never replaces by its own, which
   * it would compute in an order of its own; see `exposeLayers`.
   */
  expose(value: Value, channels: number, grid: SampledGrid): Value {
    const { g } = this;
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

  get #picksBySample(): boolean {
    return this.opset >= GATHER_ELEMENTS;
  }

  #pick(rows: Value, channels: number, places: Value): Value {
    const { g } = this;
    if (!this.#picksBySample) return g.op("Gather", [rows, places], { axis: 2 });
    const ofAll = g.op("Expand", [places, g.ints([1, channels, 1])]);
    return g.op("GatherElements", [rows, ofAll], { axis: 2 });
  }

  #places(grid: SampledGrid): Value {
    const key = [...grid.size, "of", ...grid.counts, "by", grid.rowsPerSample].join("_");
    const known = this.#inputs.get(key);
    if (known) return known.input;
    const count = product(grid.counts);
    const name = this.g.graph.freshName(`places_${key}`);
    const input = this.g.input(name, this.#picksBySample ? [null, 1, count] : [count], "int32");
    this.#inputs.set(key, { input, grid });
    return input;
  }
}

export function isWhole({ size, counts }: SampledGrid): boolean {
  return product(size) === product(counts);
}
