import { sum } from "../util/math.js";

/** One operator of the graph that runs, as the runtime's profiler saw it in every run. */
export interface TracedNode {
  /** The node's name in the optimised graph. */
  readonly name: string;
  readonly op: string;
  /** Execution provider, by the runtime's name. */
  readonly provider: string;
  readonly inputShapes: readonly (readonly number[])[];
  readonly outputShapes: readonly (readonly number[])[];
  /** What it reads and writes, constants left out: those the runtime packed beforehand it does not tell. */
  readonly dataBytes: number;
  /** Time in each run, in ms, without that of the nodes of its own bodies. */
  readonly ms: readonly number[];
}

export interface Trace {
  readonly nodes: readonly TracedNode[];
  /** Time of the whole executor in each run, in ms: the nodes, and what lies between them. */
  readonly wholeMs: readonly number[];
}

/** Time of all nodes in each run, in ms. */
export function nodeSumMs({ nodes, wholeMs }: Trace): number[] {
  return wholeMs.map((_, run) => sum(nodes.map(({ ms }) => ms[run])));
}
