import type { Node, Value } from "../graph/index.js";

/** A node that the channels of a convolution reach while some of its groups have not met. */
export interface Meeting {
  readonly node: Node;
  readonly kind: "groupedConv" | "pooling" | "norm";
  /** Sets of groups that have not met each other, before the node and after it. */
  readonly partsBefore: number;
  readonly partsAfter: number;
  /** Information that came another way had been added by then. */
  readonly joined: boolean;
  /** The meeting before it, on the way with the most of them; null for the first. */
  readonly previous: Meeting | null;
}

/** An output of the graph that groups reach without having met. */
export interface Outlet {
  readonly value: Value;
  /** Sets of groups that have not met. */
  readonly parts: number;
  /** The last meeting on the way to it. */
  readonly previous: Meeting | null;
}

/** What becomes of the groups of one convolution. */
export interface Mixing {
  /**
   * `dense`: there is one group; `mixed`: every group meets every other; `separate`: some never meet, or
   * not on the way to some output; `gain`: they meet only in a factor or a statistic; `unknown`: an
   * operator could not be followed, and it matters.
   */
  readonly status: "dense" | "mixed" | "separate" | "gain" | "unknown";
  /** The node at which the last groups meet; null unless `mixed` or `gain`. */
  readonly mixedBy: Node | null;
  /** Sets of groups that never meet; 1 when all do. */
  readonly separateParts: number;
  /** Later grouped convolutions, global poolings and batch norms that find the groups apart, in order. */
  readonly groupedConvs: readonly Meeting[];
  readonly poolings: readonly Meeting[];
  readonly norms: readonly Meeting[];
  /** Outputs of the graph that the groups reach apart, the one with the most parts first. */
  readonly outputs: readonly Outlet[];
  /** First node on the way that could not be followed. */
  readonly unknownAt: Node | null;
  /** First node that adds information from elsewhere, such as a residual connection, before all is mixed. */
  readonly joinedAt: Node | null;
}

/** A meeting and those before it, the first one first. */
export function wayTo(last: Meeting | null): Meeting[] {
  const way: Meeting[] = [];
  for (let meeting = last; meeting; meeting = meeting.previous) way.push(meeting);
  return way.reverse();
}
