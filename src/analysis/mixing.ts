import { isOp, type Node, type Value } from "../graph/index.js";
import { convAttributes, convInputs, isConvolution } from "../ops/index.js";
import type { Convolution } from "./convolution.js";
import { AtomSets, type SetId } from "./dependence/atom-sets.js";
import { alongAxis, type Labels } from "./dependence/labels.js";
import { propagate, type Terrain, type Trail } from "./dependence/terrain.js";
import { isGlobalPooling } from "./gates.js";
import { Parts } from "./parts.js";
import { WorkList } from "./work-list.js";

/** A node that the channels of a convolution reach while some of its groups have not met. */
export interface Meeting {
  readonly node: Node;
  /** Sets of groups that have not met each other, before the node and after it. */
  readonly partsBefore: number;
  readonly partsAfter: number;
}

/** What becomes of the groups of one convolution. */
export interface Mixing {
  /**
   * `dense`: there is one group; `mixed`: every group meets every other; `separate`: some never meet;
   * `gain`: they meet only in a factor or a statistic; `unknown`: an operator could not be followed.
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
  /** Outputs of the graph that the groups reach apart. */
  readonly outputs: readonly Value[];
  /** First node that could not be followed. */
  readonly unknownAt: Node | null;
  /** First node that adds information from elsewhere, such as a residual connection. */
  readonly joinedAt: Node | null;
}

const dense: Mixing = {
  status: "dense",
  mixedBy: null,
  separateParts: 1,
  groupedConvs: [],
  poolings: [],
  norms: [],
  outputs: [],
  unknownAt: null,
  joinedAt: null,
};

/**
 * Follows the output channels of a grouped convolution forward and says where its groups meet. Exact for
 * the structure (every weight is taken to matter) and without reading a weight.
 *
 * Three kinds of atoms are followed for each group g: its content (what the convolution made of it), its
 * bypass (the same input channels on a way around the convolution: an identity keeps them apart, a dense
 * side branch brings them all) and its gain (it reaches a channel as a factor or a statistic only).
 */
export function followGroups(convolution: Convolution, terrain: Terrain): Mixing {
  const { groups, inChannels, outChannels } = convolution;
  if (groups <= 1) return dense;
  const valid =
    inChannels === convolution.weightInChannels &&
    inChannels % groups === 0 &&
    outChannels % groups === 0;
  if (!valid || !terrain.position.has(convolution.node))
    return { ...dense, status: "unknown", separateParts: groups, unknownAt: convolution.node };
  return new Walk(convolution, terrain).run();
}

/** What matters about the labels of one value. */
interface Summary {
  /** The different sets in it that hold content of the convolution. */
  readonly content: readonly SetId[];
  /** Parts that have not met, among the groups in it. */
  readonly parts: number;
  /** Some content has been joined by information that came another way. */
  readonly holdsOthers: boolean;
  /** Every channel with content has that of every group: nothing is left to find out. */
  readonly settled: boolean;
}

class Walk {
  readonly #groups: number;
  readonly #sets: AtomSets;
  readonly #labels = new Map<Value, Labels>();
  readonly #summaries = new Map<Labels, Summary>();
  readonly #trail: Trail;
  readonly #work: WorkList;
  /** Values that carry content in groups that have not all met: while one waits, the walk goes on. */
  readonly #unsettled = new Set<Value>();
  /** Groups that met anywhere, by content or by gain. */
  readonly #met: Parts;
  readonly #metInGain: Parts;
  readonly #groupedConvs: Meeting[] = [];
  readonly #poolings: Meeting[] = [];
  readonly #norms: Meeting[] = [];
  readonly #outputs: Value[] = [];
  #mixedBy: Node | null = null;
  #mixedInGainBy: Node | null = null;
  #unknownAt: Node | null = null;
  #joinedAt: Node | null = null;

  constructor(
    readonly convolution: Convolution,
    readonly terrain: Terrain,
  ) {
    const { groups } = convolution;
    this.#groups = groups;
    this.#sets = new AtomSets(3 * groups + 1);
    this.#met = new Parts(groups);
    this.#metInGain = new Parts(groups);
    this.#work = new WorkList(terrain);
    this.#trail = {
      sets: this.#sets,
      labels: this.#labels,
      outside: this.#sets.singleton(3 * groups),
      toGain: (id) => this.#toGain(id),
    };
  }

  run(): Mixing {
    const { convolution } = this;
    const rank = convolution.weightShape.length;
    const singletons = (channels: number, first: number) =>
      Array.from({ length: channels }, (_, c) =>
        this.#sets.singleton(first + Math.floor((c * this.#groups) / channels)),
      );
    this.#arrive(
      convolution.x,
      alongAxis(rank, 1, singletons(convolution.inChannels, this.#groups)),
    );
    this.#arrive(convolution.y, alongAxis(rank, 1, singletons(convolution.outChannels, 0)));

    for (let node = this.#work.pop(); node && this.#unsettled.size > 0; node = this.#work.pop()) {
      if (node !== convolution.node) this.#pass(node);
    }
    return this.#outcome();
  }

  /** Goes through one node. */
  #pass(node: Node): void {
    if (node.outputs.every((output) => !output || this.terrain.constants.has(output))) return; // a shape
    const followed = node.inputs.filter(
      (input) => input !== null && this.#labels.has(input),
    ) as Value[];
    const outputs = propagate(node, this.terrain, this.#trail);
    const before = followed.filter((input) => this.#unsettled.has(input));
    for (const input of before) this.#leave(input, node);

    if (outputs === null) {
      if (followed.some((input) => this.#summaryOf(input).content.length > 0))
        this.#unknownAt ??= node;
      return;
    }
    node.outputs.forEach((output, i) => {
      const labels = outputs[i];
      if (output && labels) this.#arrive(output, labels, node);
    });
    this.#note(node, before);
  }

  /** Takes labels for a value, and sees which groups met in it. */
  #arrive(value: Value, labels: Labels, by?: Node): void {
    const seen = this.#summaries.has(labels);
    this.#labels.set(value, labels);
    for (const consumer of value.consumers)
      if (consumer.graph === this.terrain.graph) this.#work.push(consumer);
      else this.#unknownAt ??= consumer; // read inside a body of control flow

    const summary = this.#summaryOf(value);
    if (summary.content.length === 0) return;
    const inGate = by !== undefined && this.terrain.gates.nodes.has(by);
    if (by && !inGate && !seen) this.#meet(summary, by);
    if (by && summary.holdsOthers) this.#joinedAt ??= by;
    if (summary.parts > 1 && this.terrain.outputs.has(value)) {
      if (this.terrain.isWhole) this.#outputs.push(value);
      else this.#unknownAt ??= by ?? this.convolution.node; // goes on in the caller of a body
    }
    if (!summary.settled && value.uses.length > 0) this.#unsettled.add(value);
  }

  /** Groups in one channel have met, at this node at the latest. */
  #meet(summary: Summary, by: Node): void {
    for (const id of summary.content) {
      const groups = this.#effective(id);
      this.#met.join(groups);
      this.#metInGain.join([...groups, ...this.#gain(id)]);
    }
    if (this.#met.count === 1) this.#mixedBy ??= by;
    if (this.#metInGain.count === 1) this.#mixedInGainBy ??= by;
  }

  /** An unsettled value is done with when its last reader has been passed. */
  #leave(value: Value, node: Node): void {
    const last = Math.max(
      ...value.consumers.map((consumer) => this.terrain.position.get(consumer) ?? -1),
    );
    if (this.terrain.position.get(node)! >= last) this.#unsettled.delete(value);
  }

  /** Remembers the nodes an audit asks about, where groups arrive apart. */
  #note(node: Node, before: readonly Value[]): void {
    if (this.terrain.gates.nodes.has(node) || before.length === 0) return;
    const list = this.#listFor(node);
    if (!list) return;
    const read = isConvolution(node) ? [node.inputs[convInputs(node).x]!] : before;
    const partsBefore = this.#partsOf(read);
    const partsAfter = this.#partsOf(node.outputs);
    if (partsBefore > 1) list.push({ node, partsBefore, partsAfter });
  }

  #listFor(node: Node): Meeting[] | null {
    if (isConvolution(node) && convAttributes(node).groups > 1) return this.#groupedConvs;
    if (isGlobalPooling(node, this.terrain.shapes)) return this.#poolings;
    return isOp(node, "BatchNormalization") ? this.#norms : null;
  }

  #outcome(): Mixing {
    const apart = this.#outputs.length > 0;
    const neverMet = this.#met.count > 1;
    const lists = {
      groupedConvs: this.#groupedConvs,
      poolings: this.#poolings,
      norms: this.#norms,
      outputs: this.#outputs,
      unknownAt: this.#unknownAt,
      joinedAt: this.#joinedAt,
    };
    if (!apart && !neverMet)
      return { status: "mixed", mixedBy: this.#mixedBy, separateParts: 1, ...lists };
    if (!apart && this.#unknownAt)
      return { status: "unknown", mixedBy: null, separateParts: this.#met.count, ...lists };
    const separateParts = apart
      ? Math.max(...this.#outputs.map((value) => this.#summaryOf(value).parts))
      : this.#met.count;
    if (this.#metInGain.count === 1 && this.#mixedInGainBy)
      return { status: "gain", mixedBy: this.#mixedInGainBy, separateParts, ...lists };
    return { status: "separate", mixedBy: null, separateParts, ...lists };
  }

  /** Of a value that has labels. An operator that keeps the labels keeps the summary. */
  #summaryOf(value: Value): Summary {
    const labels = this.#labels.get(value)!;
    const known = this.#summaries.get(labels);
    if (known) return known;
    const content = [...new Set(labels.ids)].filter((id) => this.#holdsContent(id));
    const summary: Summary = {
      content,
      parts: this.#countParts(content),
      holdsOthers: content.some((id) => this.#holdsOthers(id)),
      settled: content.length === 1 && this.#isComplete(content[0]),
    };
    this.#summaries.set(labels, summary);
    return summary;
  }

  #holdsContent(id: SetId): boolean {
    const [first] = this.#sets.atoms(id);
    return first !== undefined && first < this.#groups;
  }

  /** Groups whose content or input a set holds. */
  #effective(id: SetId): number[] {
    return this.#sets
      .atoms(id)
      .filter((atom) => atom < 2 * this.#groups)
      .map((atom) => atom % this.#groups);
  }

  /** Groups that reach a set as a factor or a statistic. */
  #gain(id: SetId): number[] {
    return this.#sets
      .atoms(id)
      .filter((atom) => atom >= 2 * this.#groups && atom < 3 * this.#groups)
      .map((atom) => atom % this.#groups);
  }

  /** Does a set hold information that did not come through the convolution? */
  #holdsOthers(id: SetId): boolean {
    return this.#sets
      .atoms(id)
      .some(
        (atom) => atom === 3 * this.#groups || (atom >= this.#groups && atom < 2 * this.#groups),
      );
  }

  #isComplete(id: SetId): boolean {
    for (let group = 0; group < this.#groups; group++) if (!this.#sets.has(id, group)) return false;
    return true;
  }

  /** Into how many parts that have not met the groups in these values fall. */
  #partsOf(values: readonly (Value | null)[]): number {
    const followed = values.filter((value) => value !== null && this.#labels.has(value)) as Value[];
    if (followed.length === 1) return this.#summaryOf(followed[0]).parts;
    return this.#countParts(followed.flatMap((value) => this.#summaryOf(value).content));
  }

  #countParts(content: readonly SetId[]): number {
    const parts = new Parts(this.#groups);
    const present = new Set<number>();
    for (const id of content) {
      const groups = this.#effective(id);
      parts.join(groups);
      for (const group of groups) present.add(group);
    }
    return parts.countAmong(present);
  }

  #toGain(id: SetId): SetId {
    const groups = [...this.#effective(id), ...this.#gain(id)];
    return this.#sets.unionAll(
      groups.map((group) => this.#sets.singleton(2 * this.#groups + group)),
    );
  }
}
