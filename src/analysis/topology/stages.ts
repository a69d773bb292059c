import { type Node, type Value, valuesRead } from "../../graph/index.js";
import { isConvolution } from "../../ops/index.js";
import type { Topology } from "./topology.js";

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
    let stage = 0;
    if (level !== null)
      stage = Math.max(
        0,
        stages.findLastIndex((start) => start <= level),
      );
    // Where the level is unknown, the stage is that of what was read.
    else for (const value of valuesRead(node)) stage = Math.max(stage, reached.get(value) ?? 0);
    of.set(node, stage);
    for (const output of node.outputs) if (output) reached.set(output, stage);
  }
  return { of, count: Math.max(1, stages.length) };
}
