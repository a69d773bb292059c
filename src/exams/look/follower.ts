import { type Model, type Node, printGraph, type Value } from "../../graph/index.js";
import { GraphBuilder, newModel } from "../../ops/index.js";
import type { Tensors } from "../../runtime/index.js";
import { type LazyTensor, readFloat32, tensor } from "../../tensor/index.js";
import { range } from "../../util/math.js";
import type { Observations } from "./observations.js";
import { storedTensor } from "./stored-tensor.js";

/** What a {@link Follower}'s graph gives: the input's shape. */
export const FOLLOWING = "y";

/**
 * What follows from a value position by position (see `isPerPosition`) of the positions that were seen of it: a graph
 * of its own, which computes all batches at once instead of each in the network. Constants are inputs, so that layers
 * of any size and numbers have one graph.
 */
export class Follower {
  readonly model: Model;
  /** Of equal graphs equal. */
  readonly key: string;
  readonly #rank: number;
  readonly #stored = new Map<string, LazyTensor>();
  #constants: Tensors | null = null;

  /**
   * @param way From the value on, in order.
   * @param rank Axes of the value.
   * @param opset The version of the ONNX operators that the nodes are of.
   */
  constructor(way: readonly Node[], value: Value, rank: number, opset: number) {
    this.#rank = rank;
    this.model = newModel("following");
    this.model.opsets.set("", opset);
    const g = new GraphBuilder(this.model.graph);
    const values = new Map([[value, g.input("x", open(rank))]]);
    const read = (input: Value): Value => {
      const known = values.get(input);
      if (known) return known;
      const stored = storedTensor(input)!;
      const constant = g.input(`constant_${this.#stored.size}`, open(stored.shape.length));
      this.#stored.set(constant.name, stored);
      values.set(input, constant);
      return constant;
    };
    for (const { op, inputs, attributes, outputs } of way) {
      const given = inputs.map((input) => input && read(input));
      values.set(outputs[0]!, g.op(op, given, Object.fromEntries(attributes)));
    }
    g.output(values.get(way.at(-1)!.outputs[0]!)!, FOLLOWING);
    this.key = printGraph(this.model.graph);
  }

  async feeds({ data, samples, channels, positions }: Observations): Promise<Tensors> {
    this.#constants ??= await this.#load();
    // Constants find the axes where they were. Behind a last axis of 1 the runtime takes number by number.
    const shape = [samples, channels, ...range(this.#rank - 3).map(() => 1), positions];
    return { ...this.#constants, x: tensor(data, shape) };
  }

  async #load(): Promise<Tensors> {
    const constants: Record<string, Tensors[string]> = {};
    for (const [name, stored] of this.#stored)
      constants[name] = tensor(await readFloat32(stored), stored.shape);
    return constants;
  }
}

function open(rank: number): null[] {
  return range(rank).map(() => null);
}
