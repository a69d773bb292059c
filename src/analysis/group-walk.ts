import type { Node, Value } from "../graph/index.js";
import { convInputs, isConvolution } from "../ops/index.js";
import { isWithin, valuesReadBy } from "./branches.js";
import type { Convolution } from "./convolution.js";
import type { SetId } from "./dependence/atom-sets.js";
import { combine, type Labels } from "./dependence/labels.js";
import { addedInput } from "./dependence/rules-window.js";
import { labelsOf, propagate, type Terrain, type Trail } from "./dependence/terrain.js";
import type { GroupAtoms, Summary } from "./group-atoms.js";
import { type Landmarks, Meetings } from "./meetings.js";
import type { Meeting, Mixing } from "./mixing.js";
import { Parts } from "./parts.js";
import { WorkList } from "./work-list.js";

/** What the walks of one graph share. */
export interface Ground {
  readonly terrain: Terrain;
  readonly landmarks: Landmarks;
  readonly atoms: GroupAtoms;
  readonly effort: Effort;
}

/** What a model is worth. A walk that needs more ends unknown. */
export interface Effort {
  /** Labels, nodes and readers of values to be looked at yet, in all walks together. */
  left: number;
  /** What the sets of one number of groups may cost: see `AtomSets`. */
  readonly mostSetCost: number;
}

/** What going through one node costs, in labels. */
const VISIT = 128;
/** What labels cost that came through a node as they were, compared with new ones. */
const UNCHANGED = 1 / 32;

/** One walk from a grouped convolution forward, in topological order. */
export class GroupWalk {
  readonly #labels = new Map<Value, Labels>();
  /** Labels in which meetings have been looked for. */
  readonly #judged = new Set<Labels>();
  readonly #trail: Trail;
  readonly #work: WorkList;
  readonly #meetings = new Meetings();
  /** Values that carry content in groups that have not all met, until their last reader has been passed. */
  readonly #unsettled = new Set<Value>();
  readonly #lastReadBy = new Map<Node, Value[]>();
  /** Values behind an operator that could not be followed, and whether groups went into it that had not met. */
  readonly #doubtful = new Map<Value, boolean>();
  /** Groups that met anywhere, by content or by gain. */
  readonly #met: Parts;
  readonly #metInGain: Parts;
  /** What meets within a gate has met only for a layer of that gate. */
  readonly #startsInGate: boolean;
  /** Outputs of the graph that groups reach apart; and some where nobody can say. */
  readonly #apart: Value[] = [];
  #outputInDoubt = false;
  #mixedBy: Node | null = null;
  #mixedInGainBy: Node | null = null;
  #unknownAt: Node | null = null;
  #joinedAt: Node | null = null;

  constructor(
    readonly convolution: Convolution,
    readonly ground: Ground,
  ) {
    const { groups, node } = convolution;
    const { sets, outside, toGain } = ground.atoms;
    this.#startsInGate = ground.terrain.gates.nodes.has(node);
    this.#met = new Parts(groups);
    this.#metInGain = new Parts(groups);
    this.#work = new WorkList(ground.terrain);
    // A layer within a gate makes nothing but factors: followed as content, they meet where channels do.
    const asFactor = this.#startsInGate ? (id: SetId) => id : toGain;
    this.#trail = { sets, labels: this.#labels, outside, toGain: asFactor, start: node.graph };
  }

  run(): Mixing {
    const { x, y, inChannels, weightShape, node: start } = this.convolution;
    const { atoms, effort } = this.ground;
    this.#arrive(x, atoms.startLabels("bypass", weightShape.length, inChannels));
    for (let node = this.#work.pop(); node; node = this.#work.pop()) {
      effort.left -= VISIT;
      if (node === start) this.#begin();
      else this.#pass(node);
      for (const value of this.#lastReadBy.get(node) ?? []) this.#unsettled.delete(value);
      if (this.#labels.has(y) && this.#unsettled.size === 0) break;
      if (effort.left < 0) {
        this.#outputInDoubt = true;
        this.#unknownAt ??= node;
        break;
      }
    }
    return this.#outcome();
  }

  /** The convolution itself: content starts here. */
  #begin(): void {
    const { node, y, outChannels, weightShape } = this.convolution;
    const { terrain, atoms } = this.ground;
    const content = atoms.startLabels("content", weightShape.length, outChannels);
    const added = addedInput(node);
    const sum = added && labelsOf(node.inputs[added], terrain, this.#trail);
    if (added && this.#doubtful.has(node.inputs[added]!)) this.#doubt(y, false);
    this.#arrive(y, (sum && combine(atoms.sets, [content, sum])) || content, node);
  }

  /** Goes through one node. */
  #pass(node: Node): void {
    const { terrain } = this.ground;
    if (node.outputs.every((output) => !output || !terrain.data.has(output))) return; // a shape
    const read = valuesReadBy(node);
    const followed = read.filter(
      (input): input is Value => input !== null && this.#labels.has(input),
    );
    const outputs = followed.length > 0 ? propagate(node, terrain, this.#trail) : null;
    const inDoubt = outputs === null || read.some((input) => input && this.#doubtful.has(input));
    if (inDoubt) {
      const holdsGroups =
        read.some((input) => input && this.#doubtful.get(input)) ||
        (outputs === null && followed.some((input) => this.#summaryOf(input).parts > 1));
      for (const output of node.outputs) if (output) this.#doubt(output, holdsGroups);
    }
    if (outputs === null) {
      if (followed.length > 0 || node.subgraphs.length > 0) this.#unknownAt ??= node;
      return;
    }
    const apart = followed.filter((input) => this.#unsettled.has(input));
    const previous = this.#meetings.lastOf(apart);
    this.#meetings.passOn(previous, node.outputs);
    node.outputs.forEach((output, i) => {
      const labels = outputs[i];
      if (output && labels) this.#arrive(output, labels, node);
    });
    if (!inDoubt && apart.length > 0) this.#note(node, apart, previous);
  }

  /** Takes labels for a value, and sees which groups met in it. */
  #arrive(value: Value, labels: Labels, by?: Node): void {
    const { terrain, effort } = this.ground;
    effort.left -= labels.ids.length * (this.#judged.has(labels) ? UNCHANGED : 1);
    this.#labels.set(value, labels);
    const readers = this.#sendOn(value);
    const summary = this.#summaryOf(value);
    if (!by || summary.content.length === 0) return;
    // What meets in a branch that may not run has met when the If gives it out.
    const runs = isWithin(this.convolution.node.graph, by.graph);
    if (runs && (this.#startsInGate || !terrain.gates.nodes.has(by))) {
      this.#meet(labels, by);
      if (summary.holdsOthers) this.#joinedAt ??= by;
    }
    if (summary.parts > 1 && terrain.outputs.has(value)) this.#reachOutput(value, by);
    if (!runs || !summary.settled) this.#keepUntilRead(value, readers);
  }

  #doubt(value: Value, holdsGroups: boolean): void {
    this.#doubtful.set(value, holdsGroups);
    const readers = this.#sendOn(value);
    if (!holdsGroups) return;
    if (this.ground.terrain.outputs.has(value)) this.#outputInDoubt = true;
    this.#keepUntilRead(value, readers);
  }

  /** The walk goes on while something may be found out behind a value. */
  #keepUntilRead(value: Value, readers: readonly Node[]): void {
    const last = readers.at(-1);
    if (!last) return;
    this.#unsettled.add(value);
    const others = this.#lastReadBy.get(last);
    if (others) others.push(value);
    else this.#lastReadBy.set(last, [value]);
  }

  #sendOn(value: Value): readonly Node[] {
    const { terrain, effort } = this.ground;
    const readers = terrain.readers.get(value) ?? [];
    effort.left -= readers.length;
    for (const reader of readers) this.#work.push(reader);
    return readers;
  }

  #reachOutput(value: Value, by: Node): void {
    const { isWhole } = this.ground.terrain;
    if (isWhole && !this.#doubtful.has(value)) this.#apart.push(value);
    else this.#outputInDoubt = true;
    if (!isWhole) this.#unknownAt ??= by; // goes on in the caller of a body
  }

  /** Groups in one channel have met, at this node at the latest. */
  #meet(labels: Labels, by: Node): void {
    if (this.#judged.has(labels)) return;
    this.#judged.add(labels);
    const { atoms } = this.ground;
    for (const id of atoms.summaryOf(labels).content) {
      this.#met.join(atoms.groupsIn(id));
      this.#metInGain.join(atoms.groupsInOrGain(id));
    }
    if (this.#met.count === 1) this.#mixedBy ??= by;
    if (this.#metInGain.count === 1) this.#mixedInGainBy ??= by;
  }

  /** Remembers the nodes an audit asks about, where groups arrive apart. */
  #note(node: Node, apart: readonly Value[], previous: Meeting | null): void {
    const kind = this.ground.landmarks.get(node);
    if (!kind) return;
    const read = isConvolution(node) ? [node.inputs[convInputs(node).x]!] : apart;
    const partsBefore = this.#partsOf(read);
    if (partsBefore < 2) return;
    const meeting = {
      node,
      kind,
      partsBefore,
      partsAfter: this.#partsOf(node.outputs),
      joined: read.some((value) => this.#summaryOf(value).holdsOthers),
      previous,
    };
    this.#meetings.add(meeting);
    this.#meetings.passOn(meeting, node.outputs);
  }

  #outcome(): Mixing {
    const outputs = this.#apart
      .map((value) => ({
        value,
        parts: this.#summaryOf(value).parts,
        previous: this.#meetings.lastBefore(value),
      }))
      .sort((a, b) => b.parts - a.parts);
    const ends = {
      groupedConvs: this.#meetings.ofKind("groupedConv"),
      poolings: this.#meetings.ofKind("pooling"),
      norms: this.#meetings.ofKind("norm"),
      outputs,
      unknownAt: this.#unknownAt,
      joinedAt: this.#joinedAt,
    };
    if (outputs.length === 0) {
      if (this.#outputInDoubt || (this.#met.count > 1 && this.#unknownAt))
        return { status: "unknown", mixedBy: null, separateParts: this.#met.count, ...ends };
      if (this.#met.count === 1)
        return { status: "mixed", mixedBy: this.#mixedBy, separateParts: 1, ...ends };
    }
    const separateParts = outputs[0]?.parts ?? this.#met.count;
    const isGain = this.#metInGain.count === 1 && this.#apart.every((value) => this.#isGain(value));
    return isGain
      ? { status: "gain", mixedBy: this.#mixedInGainBy, separateParts, ...ends }
      : { status: "separate", mixedBy: null, separateParts, ...ends };
  }

  /** Do the groups that reach a value apart meet in it by gain? */
  #isGain(value: Value): boolean {
    const { atoms } = this.ground;
    const { content } = this.#summaryOf(value);
    return atoms.countParts(content, (id) => atoms.groupsInOrGain(id)) === 1;
  }

  /** Of a value that has labels. */
  #summaryOf(value: Value): Summary {
    return this.ground.atoms.summaryOf(this.#labels.get(value)!);
  }

  /** Into how many parts that have not met the groups in these values fall. */
  #partsOf(values: readonly (Value | null)[]): number {
    const followed = values.filter((value) => value !== null && this.#labels.has(value)) as Value[];
    if (followed.length === 1) return this.#summaryOf(followed[0]).parts;
    return this.ground.atoms.countParts(
      followed.flatMap((value) => this.#summaryOf(value).content),
    );
  }
}
