import { isOp, type Node, type Value } from "../graph/index.js";
import { convAttributes, isConvolution } from "../ops/index.js";
import type { Terrain } from "./dependence/terrain.js";
import { isGlobalPooling } from "./gates.js";
import type { Meeting } from "./mixing.js";

export type Landmarks = ReadonlyMap<Node, Meeting["kind"]>;

/** The nodes of a graph that audits ask about, gates aside: grouped convolutions, global poolings, batch norms. */
export function findLandmarks({ order, gates, shapes }: Terrain): Landmarks {
  const landmarks = new Map<Node, Meeting["kind"]>();
  for (const node of order) {
    if (gates.nodes.has(node)) continue;
    if (isConvolution(node)) {
      if (convAttributes(node).groups > 1) landmarks.set(node, "groupedConv");
    } else if (isGlobalPooling(node, shapes)) landmarks.set(node, "pooling");
    else if (isOp(node, "BatchNormalization")) landmarks.set(node, "norm");
  }
  return landmarks;
}

/** The meetings of one walk, and which of them lie on the way to each value. */
export class Meetings {
  readonly #all: Meeting[] = [];
  /** The last meeting on the way to a value, and the how manieth it is there. */
  readonly #last = new Map<Value, Meeting>();
  readonly #place = new Map<Meeting, number>();

  lastBefore(value: Value): Meeting | null {
    return this.#last.get(value) ?? null;
  }

  /** The last meeting on the way to any of these values; of several, the one with the most before it. */
  lastOf(values: readonly Value[]): Meeting | null {
    let last: Meeting | null = null;
    for (const value of values) {
      const meeting = this.#last.get(value);
      if (meeting && (!last || this.#place.get(meeting)! > this.#place.get(last)!)) last = meeting;
    }
    return last;
  }

  ofKind(kind: Meeting["kind"]): Meeting[] {
    return this.#all.filter((meeting) => meeting.kind === kind);
  }

  add(meeting: Meeting): void {
    this.#all.push(meeting);
    const { previous } = meeting;
    this.#place.set(meeting, previous ? this.#place.get(previous)! + 1 : 1);
  }

  /** The way to these values goes by this meeting. */
  passOn(meeting: Meeting | null, values: readonly (Value | null)[]): void {
    if (!meeting) return;
    for (const value of values) if (value) this.#last.set(value, meeting);
  }
}
