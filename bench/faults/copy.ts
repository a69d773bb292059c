import type { Convolution } from "../../src/analysis/index.js";
import { attributeOf, type Model, type Node, type Value } from "../../src/graph/index.js";
import { convInputs, GraphBuilder } from "../../src/ops/index.js";
import { type LazyTensor, type Rng, tensor } from "../../src/tensor/index.js";
import { range } from "../../src/util/math.js";
import type { Patient } from "./patient.js";

export interface ConvOptions {
  readonly groups?: number;
  readonly outChannels?: number;
  /** Height and width of the window, odd. Defaults to 3. */
  readonly kernel?: number;
}

/** A copy of a patient's network to be spoilt, addressed by the patient's own nodes and values. */
export class Copy {
  readonly g: GraphBuilder;
  readonly #places: ReadonlyMap<Node, number>;

  constructor(
    readonly patient: Patient,
    readonly model: Model,
    readonly rng: Rng,
  ) {
    this.g = new GraphBuilder(model.graph);
    this.#places = new Map(patient.model.graph.nodes.map((node, place) => [node, place]));
    this.#nodes = [...model.graph.nodes];
  }

  /** As they were before anything was planted. */
  readonly #nodes: readonly Node[];

  node(original: Node): Node {
    return this.#nodes[this.#places.get(original)!];
  }

  value(original: Value): Value {
    return this.model.graph.find(original.name)!;
  }

  /** Says another number of groups and leaves the weight as it is. */
  sayGroups(layer: Convolution, groups: number): void {
    this.node(layer.node).attributes.set("group", attributeOf(groups));
  }

  /** Gives a layer another number of groups, and a weight of the shape that goes with it. */
  regroup(layer: Convolution, groups: number): void {
    this.sayGroups(layer, groups);
    const [outer, inner] =
      layer.op === "ConvTranspose"
        ? [layer.inChannels, layer.outChannels]
        : [layer.outChannels, layer.inChannels];
    this.setWeight(layer, this.weight([outer, inner / groups, ...layer.kernel]));
  }

  setWeight(layer: Convolution, weight: LazyTensor): void {
    const node = this.node(layer.node);
    node.setInput(convInputs(node).weight, this.g.constant(weight));
  }

  /** Random weights, none of them zero. */
  weight(shape: readonly number[]): LazyTensor {
    const { data } = this.rng.uniform(shape, 0.01, 0.1);
    return tensor(
      data.map((x) => (this.rng.float() < 0.5 ? -x : x)),
      shape,
    );
  }

  /** Everybody who read `original` reads what `write` makes of it. */
  insertAfter(original: Value, write: (x: Value) => Value): void {
    const before = this.value(original);
    const readers = [...before.uses];
    const after = write(before);
    for (const { node, index } of readers) node.setInput(index, after);
    this.#takeOverOutput(before, after);
  }

  /** One reader of a value reads what `write` makes of it. */
  insertBefore(reader: Node, index: number, write: (x: Value) => Value): void {
    const node = this.node(reader);
    node.setInput(index, write(node.inputs[index]!));
  }

  /** Everybody who read `before` reads `after`; what nobody reads any more is taken out. */
  replace(before: Value, after: Value): void {
    this.model.graph.replaceUses(before, after);
    this.#removeUnread(before.producer);
  }

  /** A convolution of stride 1 that keeps the size, named `name`. */
  conv(name: string, x: Value, channels: number, options: ConvOptions = {}): Value {
    const { groups = 1, outChannels = channels, kernel = 3 } = options;
    const weight = this.weight([outChannels, channels / groups, kernel, kernel]);
    const pads = Array(4).fill((kernel - 1) / 2);
    return this.g.within(name, () =>
      this.g.op("Conv", [x, this.g.constant(weight)], {
        group: groups,
        kernel_shape: [kernel, kernel],
        pads,
      }),
    );
  }

  norm(name: string, x: Value, channels: number): Value {
    const statistics = range(4).map(() => this.g.constant(this.rng.uniform([channels], 0.5, 1)));
    return this.g.within(name, () => this.g.op("BatchNormalization", [x, ...statistics]));
  }

  relu(name: string, x: Value): Value {
    return this.g.within(name, () => this.g.op("Relu", [x]));
  }

  /** Channel c of group g comes to stand at c * groups + g. */
  shuffle(name: string, x: Value, shape: readonly number[], groups: number): Value {
    const [batch, channels, ...size] = shape;
    return this.g.within(name, () => {
      const split = this.g.reshape(x, [batch, groups, channels / groups, ...size]);
      const swapped = this.g.transpose(split, [0, 2, 1, ...range(3, 3 + size.length)]);
      return this.g.reshape(swapped, shape);
    });
  }

  #removeUnread(node: Node | null): void {
    const isRead = (value: Value | null) =>
      !!value && (value.uses.length > 0 || this.model.graph.outputs.includes(value));
    if (!node || node.outputs.some(isRead)) return;
    const sources = node.inputs.map((input) => input?.producer ?? null);
    this.model.graph.removeNode(node);
    for (const source of new Set(sources)) this.#removeUnread(source);
  }

  /** An output of the network keeps its name. */
  #takeOverOutput(before: Value, after: Value): void {
    const { graph } = this.model;
    const at = graph.outputs.indexOf(before);
    if (at < 0) return;
    const { name } = before;
    graph.rename(before, graph.freshName(`${name}.before`));
    graph.rename(after, name);
    after.type = before.type;
    graph.outputs[at] = after;
  }
}
