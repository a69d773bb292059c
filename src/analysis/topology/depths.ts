import type { Model, Node, Value } from "../../graph/index.js";
import { isConvolution } from "../../ops/index.js";
import type { Topology } from "./topology.js";

/** How far along the way from input to output the nodes of a graph stand. */
export interface Depths {
  /** Convolutions before a node on the longest way to it; those inside gates are not counted. */
  readonly of: ReadonlyMap<Node, number>;
  /** Of the last convolution. */
  readonly most: number;
}

export function findDepths({ order, gates }: Topology): Depths {
  const before = new Map<Node, number>();
  const after = new Map<Value, number>();
  let most = 0;
  for (const node of order) {
    let depth = 0;
    for (const input of node.inputs) if (input) depth = Math.max(depth, after.get(input) ?? 0);
    before.set(node, depth);
    const counts = isConvolution(node) && !gates.nodes.has(node);
    if (counts) most = Math.max(most, depth);
    for (const output of node.outputs) if (output) after.set(output, depth + (counts ? 1 : 0));
  }
  return { of: before, most };
}

/** Index of each node's stage, of the resolutions at which convolutions write, finest first. */
export interface Stages {
  readonly of: ReadonlyMap<Node, number>;
  readonly count: number;
}

export function findStages({ order, gates, places, levels }: Topology): Stages {
  const convolutions = order.filter((node) => isConvolution(node) && !gates.nodes.has(node));
  const levelOf = (node: Node) => {
    const place = places.get(node.outputs[0]!);
    return place && place.stride !== null ? levels.of(place.stride) : null;
  };
  const written = new Set(convolutions.map(levelOf).filter((level) => level !== null));
  const stages = [...written].sort((a, b) => a - b);
  const of = new Map<Node, number>();
  const reached = new Map<Value, number>();
  for (const node of order) {
    const level = levelOf(node);
    // Where the level is unknown, the stage is that of what was read.
    const before = Math.max(0, ...node.inputs.map((input) => (input && reached.get(input)) || 0));
    const stage = level === null ? before : stages.findLastIndex((start) => start <= level);
    const index = Math.max(0, stage);
    of.set(node, index);
    for (const output of node.outputs) if (output) reached.set(output, index);
  }
  return { of, count: Math.max(1, stages.length) };
}

/** For nodes in subgraphs and in functions: the node of the main graph that runs them first. */
export function ownersOf(model: Model): ReadonlyMap<Node, Node> {
  const functions = new Map(
    model.functions.map((definition) => [
      `${definition.domain}:${definition.name}`,
      definition.body,
    ]),
  );
  const owners = new Map<Node, Node>();
  for (const owner of model.graph.nodes) {
    const pending = [owner];
    for (let node = pending.pop(); node; node = pending.pop()) {
      const called = functions.get(`${node.domain}:${node.op}`);
      for (const body of called ? [...node.subgraphs, called] : node.subgraphs)
        for (const inner of body.nodes) {
          if (owners.has(inner)) continue;
          owners.set(inner, owner);
          pending.push(inner);
        }
    }
  }
  return owners;
}
