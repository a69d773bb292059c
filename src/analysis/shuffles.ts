import { type Graph, isOp, type Model, type Node, type Value } from "../graph/index.js";
import type { Shapes } from "../runtime/index.js";
import { readFloat64 } from "../tensor/index.js";
import { divisors, product, range } from "../util/math.js";
import { alongAxis, type Labels } from "./dependence/labels.js";
import { shapeOf } from "./dependence/rule.js";
import { propagate, surveyTerrain, type Terrain, type Trail } from "./dependence/terrain.js";
import { findGates } from "./gates.js";
import { foldIntegers } from "./integers.js";
import { Positions } from "./positions.js";
import { findReaders } from "./shuffle-readers.js";
import { WorkList } from "./work-list.js";

/** Nodes that together do nothing but put channels into another order. */
export interface Shuffle {
  /** In topological order. Values between them may have other readers too. */
  readonly nodes: readonly Node[];
  /** `[N, C, ...]`; the output has the same shape. */
  readonly input: Value;
  readonly output: Value;
  /** Channel `i` of the output is channel `permutation[i]` of the input. */
  readonly permutation: readonly number[];
  /**
   * g where the channels are dealt out as ShuffleNet does (reshape to [g, C/g], transpose, flatten;
   * https://arxiv.org/abs/1707.01083, section 3.1), with 1 < g < C; else null.
   */
  readonly groups: number | null;
  /** What reads the output, behind operators that work on each channel for itself. */
  readonly readers: readonly Node[];
  /** Does the graph return the output, as it is or behind such operators? */
  readonly isReturned: boolean;
}

/** No spelling of a shuffle that anyone publishes is longer; it keeps the search linear. */
const MOST_STEPS = 12;
/** A longer axis is not followed. */
const LONGEST_AXIS = 1 << 20;

/**
 * Every shuffle of a model's main graph, in topological order of their inputs, whatever it is spelled in:
 * Reshape and Transpose at any rank, Split or Slice and Concat, Gather. A shuffle ends at the first value
 * that is its input with channels in some order, so of several in a row each is listed. Where the
 * permutation comes out as the identity it is listed if its nodes take the channels apart and join them
 * again.
 *
 * Exact for the given shapes: where each element comes from is followed along every axis. Without shapes
 * nothing is found. A shuffle that ends in parts nobody joins is not listed.
 */
export async function findShuffles(model: Model, shapes: Shapes | null): Promise<Shuffle[]> {
  const { graph } = model;
  if (!shapes || !graph.nodes.some(reorders)) return [];
  const integers = new Map([...(await foldIntegers(graph, shapes)), ...(await orders(graph))]);
  const gates = findGates(graph, shapes);
  const terrain = surveyTerrain(graph, model.opset, shapes, integers, gates, true);
  const starts = [...graph.inputs, ...terrain.order.flatMap((node) => node.outputs)];
  const search = new Search(terrain);
  return starts.flatMap((start) => (start ? search.from(start) : []));
}

/** Constant indices of Gather, which may be longer lists than bounds are. */
async function orders(graph: Graph): Promise<Map<Value, readonly number[]>> {
  const found = new Map<Value, readonly number[]>();
  for (const node of graph.nodes) {
    const indices = isOp(node, "Gather") ? node.inputs[1] : null;
    const tensor = indices?.initializer;
    if (!tensor || found.has(indices) || tensor.shape.length !== 1) continue;
    const isList = tensor.dtype === "int64" || tensor.dtype === "int32";
    if (isList && tensor.shape[0] <= LONGEST_AXIS)
      found.set(indices, [...(await readFloat64(tensor))]);
  }
  return found;
}

class Search {
  readonly #positions = new Positions();
  readonly #readersOf;
  /** Values within a shuffle found before: none begins there. */
  readonly #inside = new Set<Value>();

  constructor(readonly terrain: Terrain) {
    this.#readersOf = findReaders(terrain);
  }

  from(start: Value): Shuffle[] {
    const shape = shapeOf(this.terrain.shapes, start);
    if (!shape || shape.length < 2 || shape[1] < 2 || product(shape) === 0) return [];
    if (shape.some((size) => size > LONGEST_AXIS) || !start.consumers.some(isMove)) return [];
    if (this.#inside.has(start) || !this.terrain.data.has(start)) return [];

    const shuffles: Shuffle[] = [];
    this.#follow(start, shape, 1, isMoveOrCoding, (value, labels) => {
      if (String(shapeOf(this.terrain.shapes, value)) !== String(shape)) return true;
      const permutation = this.#permutation(labels, 1, shape[1]);
      if (!permutation) return true;
      const nodes = this.#nodesBetween(start, value);
      if (!this.#keepsOtherAxes(start, value, shape, nodes)) return true;
      if (!isIdentity(permutation) || takesApart(nodes))
        shuffles.push(this.#describe(nodes, start, value, permutation));
      return false;
    });
    return shuffles;
  }

  #describe(
    nodes: readonly Node[],
    input: Value,
    output: Value,
    permutation: readonly number[],
  ): Shuffle {
    for (const node of nodes)
      for (const value of node.outputs) if (value && value !== output) this.#inside.add(value);
    return {
      nodes,
      input,
      output,
      permutation,
      groups: groupsDealt(permutation),
      ...this.#readersOf(output),
    };
  }

  /**
   * Follows the positions along one axis through moves; `arrive` says of each value whether to go on.
   */
  #follow(
    start: Value,
    shape: readonly number[],
    axis: number,
    through: (node: Node) => boolean,
    arrive: (value: Value, labels: Labels) => boolean,
  ): void {
    const { terrain } = this;
    const labels = new Map<Value, Labels>();
    const steps = new Map<Value, number>();
    const work = new WorkList(terrain);
    const trail: Trail = {
      sets: this.#positions.sets,
      labels,
      outside: this.#positions.nowhere,
      toGain: (id) => id,
      start: terrain.graph,
    };
    const reach = (value: Value, at: Labels, step: number) => {
      labels.set(value, at);
      steps.set(value, step);
      if (step === MOST_STEPS) return;
      for (const node of value.consumers)
        if (node.graph === terrain.graph && through(node)) work.push(node);
    };
    reach(start, alongAxis(shape.length, axis, this.#positions.idsTo(shape[axis])), 0);
    for (let node = work.pop(); node; node = work.pop()) {
      const data = dataInputs(node);
      if (!data.every((input) => input && labels.has(input))) continue;
      const moved = propagate(node, terrain, trail);
      const step = Math.max(...data.map((input) => steps.get(input!)!)) + 1;
      node.outputs.forEach((output, i) => {
        const at = moved?.[i];
        if (output && at && arrive(output, at)) reach(output, at, step);
      });
    }
  }

  /** The position each place along `axis` has from the start, if each has another and no other axis matters. */
  #permutation(labels: Labels, axis: number, size: number): number[] | null {
    if (labels.ids.length !== size || labels.dims[axis] !== size) return null;
    const positions = [...labels.ids].map((id) => this.#positions.positionOf(id));
    const distinct = new Set(positions);
    return distinct.size === size && !distinct.has(undefined) ? (positions as number[]) : null;
  }

  #keepsOtherAxes(
    start: Value,
    end: Value,
    shape: readonly number[],
    nodes: readonly Node[],
  ): boolean {
    const between = new Set(nodes);
    return range(shape.length).every((axis) => {
      if (axis === 1 || shape[axis] === 1) return true;
      let kept = false;
      this.#follow(
        start,
        shape,
        axis,
        (node) => between.has(node),
        (value, labels) => {
          if (value !== end) return true;
          const order = this.#permutation(labels, axis, shape[axis]);
          kept = order !== null && isIdentity(order);
          return false;
        },
      );
      return kept;
    });
  }

  #nodesBetween(start: Value, end: Value): Node[] {
    const nodes = new Set<Node>();
    const waiting = [end];
    for (let value = waiting.pop(); value; value = waiting.pop()) {
      if (value === start || nodes.has(value.producer!)) continue;
      nodes.add(value.producer!);
      waiting.push(...dataInputs(value.producer!).filter((input) => input !== null));
    }
    const { position } = this.terrain;
    return [...nodes].sort((a, b) => position.get(a)! - position.get(b)!);
  }
}

const moves =
  "Reshape Flatten Squeeze Unsqueeze Transpose Split Slice Concat Gather Identity".split(" ");

/** Without one of these every element stays where it is. */
function reorders(node: Node): boolean {
  return isOp(node, "Transpose", "Concat", "Gather", "Slice");
}

function isMove(node: Node): boolean {
  return isOp(node, ...moves);
}

/** Quantised models have these between any two operators; they begin no shuffle. */
function isMoveOrCoding(node: Node): boolean {
  return isMove(node) || isOp(node, "QuantizeLinear", "DequantizeLinear");
}

/** The inputs whose elements a move puts into its outputs. */
function dataInputs(node: Node): readonly (Value | null)[] {
  return isOp(node, "Concat") ? node.inputs : node.inputs.slice(0, 1);
}

/** Do these nodes take channels apart and join them again, rather than change a layout and back? */
function takesApart(nodes: readonly Node[]): boolean {
  const has = (...ops: string[]) => nodes.some((node) => isOp(node, ...ops));
  if (has("Gather")) return true;
  if (has("Split", "Slice") && has("Concat")) return true;
  return has("Reshape", "Flatten", "Squeeze", "Unsqueeze") && has("Transpose");
}

export function isIdentity(permutation: readonly number[]): boolean {
  return permutation.every((from, i) => from === i);
}

function groupsDealt(permutation: readonly number[]): number | null {
  const channels = permutation.length;
  const isDealt = (groups: number) =>
    permutation.every(
      (from, i) => from === (i % groups) * (channels / groups) + Math.floor(i / groups),
    );
  return (
    divisors(channels).find((groups) => groups > 1 && groups < channels && isDealt(groups)) ?? null
  );
}
