import type { Convolution, FastPath } from "../../analysis/index.js";
import { isOp, isOutput, type Node, type Value } from "../../graph/index.js";
import { range } from "../../util/math.js";
import type { Layout } from "./section.js";

/** What stands around a layer, as far as it changes what the layer costs. */
export interface Surroundings {
  /** How the layers before it leave its input. */
  readonly before: Layout;
  /** How the layers behind it want its output. */
  readonly after: Layout;
  /** The norm right behind it, which the runtime may fold into it. */
  readonly norm: Node | null;
  /** The activation behind both, when the runtime may fuse it into the layer. */
  readonly activation: Node | null;
}

/** Activations with a place in the blocked convolution (nchwc_transformer.cc, TransformActivation). */
const ACTIVATIONS = "Relu LeakyRelu Sigmoid Tanh HardSigmoid Clip".split(" ");
/** Operators of one input that keep the layout they are given. */
const KEEPERS = "BatchNormalization MaxPool AveragePool GlobalMaxPool GlobalAveragePool".split(" ");
/** Operators of several inputs that do so when all of these are blocked. */
const JOINERS = ["Add", "Sum", "Concat"];
/** No further is looked: what lies there moves few layers. */
const FURTHEST = 8;

type FastPaths = ReadonlyMap<Convolution, FastPath>;

/** Reads off the graph whether a layer's input arrives in blocks and its output is wanted so. */
export class SurroundingsReader {
  readonly #isBlocked: ReadonlyMap<Node, boolean>;
  readonly #hasBlocks: boolean;
  /** By how far is still looked: sums of sums have more ways back than there is time for. */
  readonly #arrived = range(FURTHEST + 1).map(() => new Map<Value, boolean>());

  /** @param fastPaths Null on a target without a blocked layout: there all is plain. */
  constructor(fastPaths: FastPaths | null) {
    this.#hasBlocks = fastPaths !== null;
    this.#isBlocked = new Map(
      [...(fastPaths ?? [])].map(([{ node }, { path }]) => [
        node,
        path === "fast" || path === "depthwise",
      ]),
    );
  }

  read({ x, y }: Convolution): Surroundings {
    const norm = onlyReader(y, "BatchNormalization");
    const activation = onlyReader(norm?.outputs[0] ?? y, ...ACTIVATIONS);
    const last = activation?.outputs[0] ?? norm?.outputs[0] ?? y;
    return {
      before: this.#hasBlocks && this.#arrivesBlocked(x, FURTHEST) ? "blocked" : "plain",
      after: this.#hasBlocks && this.#isWantedBlocked(last, FURTHEST) ? "blocked" : "plain",
      norm,
      activation,
    };
  }

  #arrivesBlocked(value: Value, furthest: number): boolean {
    const known = this.#arrived[furthest].get(value);
    if (known !== undefined) return known;
    const arrives = this.#findArrival(value, furthest);
    this.#arrived[furthest].set(value, arrives);
    return arrives;
  }

  #findArrival({ producer }: Value, furthest: number): boolean {
    if (!producer || furthest === 0) return false;
    const isBlocked = this.#isBlocked.get(producer);
    if (isBlocked !== undefined) return isBlocked;
    const data = producer.inputs.filter((input) => input !== null);
    if (isOp(producer, ...ACTIVATIONS, ...KEEPERS))
      return this.#arrivesBlocked(data[0], furthest - 1);
    return (
      isOp(producer, ...JOINERS) && data.every((input) => this.#arrivesBlocked(input, furthest - 1))
    );
  }

  #isWantedBlocked(value: Value, furthest: number): boolean {
    if (furthest === 0 || isOutput(value) || value.uses.length === 0) return false;
    return value.uses.every(({ node, index }) => {
      const isBlocked = this.#isBlocked.get(node);
      if (isBlocked !== undefined) return isBlocked && index === 0;
      const [output] = node.outputs;
      if (isOp(node, ...KEEPERS, ...JOINERS)) return true;
      return isOp(node, ...ACTIVATIONS) && !!output && this.#isWantedBlocked(output, furthest - 1);
    });
  }
}

function onlyReader(value: Value, ...ops: string[]): Node | null {
  if (value.uses.length !== 1 || isOutput(value)) return null;
  const [{ node }] = value.uses;
  return isOp(node, ...ops) ? node : null;
}
