import { range } from "../util/math.js";
import { AtomSets, type SetId } from "./dependence/atom-sets.js";
import { alongAxis, type Labels } from "./dependence/labels.js";
import { Parts } from "./parts.js";

/** What matters about the labels of one value. */
export interface Summary {
  /** The different sets in it that hold content of the convolution. */
  readonly content: readonly SetId[];
  /** Parts that have not met, among the groups in it. */
  readonly parts: number;
  /** Some content has been joined by information that came another way. */
  readonly holdsOthers: boolean;
  /** Every channel with content has that of every group: nothing is left to find out. */
  readonly settled: boolean;
}

/** What the atoms of one set say. */
interface Members {
  /** How many groups' content it holds. */
  readonly contents: number;
  /** Groups whose content or input it holds: they meet in it. */
  readonly groups: readonly number[];
  /** The same, and those that reach it as a factor or a statistic. */
  readonly groupsOrGain: readonly number[];
  /** It holds information that did not come through the convolution. */
  readonly holdsOthers: boolean;
}

/**
 * What the atoms mean that a walk follows. Each group has three: its content (what the convolution made
 * of it), its bypass (the same input channels on a way around the convolution) and its gain (it reaches a
 * channel as a factor or a statistic only). One more stands for all data from elsewhere. Walks of
 * convolutions with as many groups may share one of these.
 */
export class GroupAtoms {
  readonly sets: AtomSets;
  /** The set of data that is not followed. */
  readonly outside: SetId;
  readonly #members = new Map<SetId, Members>();
  readonly #summaries = new WeakMap<Labels, Summary>();
  readonly #starts = new Map<string, Labels>();

  /** @param mostCost What all sets may cost: see {@link AtomSets}. */
  constructor(
    readonly groups: number,
    mostCost: number,
  ) {
    this.sets = new AtomSets(3 * groups + 1, mostCost);
    this.outside = this.sets.singleton(3 * groups);
  }

  /** Labels of what a convolution writes (`content`) or reads (`bypass`), its channels cut into the groups. */
  startLabels(kind: "content" | "bypass", rank: number, channels: number): Labels {
    const key = `${kind} ${rank} ${channels}`;
    let labels = this.#starts.get(key);
    if (!labels) {
      const first = kind === "content" ? 0 : this.groups;
      const groupOf = (channel: number) => Math.floor((channel * this.groups) / channels);
      const ids = range(channels).map((channel) => this.sets.singleton(first + groupOf(channel)));
      labels = alongAxis(rank, 1, ids);
      this.#starts.set(key, labels);
    }
    return labels;
  }

  /** So full of sets that another walk should begin with a fresh one. */
  get isFull(): boolean {
    return this.sets.cost > this.sets.mostCost / 2;
  }

  /** An operator that keeps the labels keeps the summary. */
  summaryOf(labels: Labels): Summary {
    let summary = this.#summaries.get(labels);
    if (!summary) {
      summary = this.#summarize(labels);
      this.#summaries.set(labels, summary);
    }
    return summary;
  }

  /** Groups whose content or input a set holds: they meet in it. */
  groupsIn(id: SetId): readonly number[] {
    return this.#membersOf(id).groups;
  }

  /** The same, and those that reach it as a factor or a statistic. */
  groupsInOrGain(id: SetId): readonly number[] {
    return this.#membersOf(id).groupsOrGain;
  }

  /** Into how many parts that have not met the groups in these sets fall. */
  countParts(content: readonly SetId[], groupsOf = (id: SetId) => this.groupsIn(id)): number {
    const parts = new Parts(this.groups);
    const present = new Set<number>();
    for (const id of content) {
      const groups = groupsOf(id);
      parts.join(groups);
      for (const group of groups) present.add(group);
    }
    return parts.countAmong(present);
  }

  /** The set of the same groups as factors or statistics. */
  readonly toGain = (id: SetId): SetId =>
    this.sets.unionAll(
      this.groupsInOrGain(id).map((group) => this.sets.singleton(2 * this.groups + group)),
    );

  #summarize(labels: Labels): Summary {
    const content = [...new Set(labels.ids)].filter((id) => this.#membersOf(id).contents > 0);
    return {
      content,
      parts: this.countParts(content),
      holdsOthers: content.some((id) => this.#membersOf(id).holdsOthers),
      settled: content.length === 1 && this.#membersOf(content[0]).contents === this.groups,
    };
  }

  #membersOf(id: SetId): Members {
    let members = this.#members.get(id);
    if (!members) {
      members = this.#read(id);
      this.#members.set(id, members);
    }
    return members;
  }

  #read(id: SetId): Members {
    const { groups } = this;
    const atoms = this.sets.atoms(id);
    const groupsBelow = (end: number) => [
      ...new Set(atoms.filter((atom) => atom < end).map((atom) => atom % groups)),
    ];
    return {
      contents: atoms.filter((atom) => atom < groups).length,
      groups: groupsBelow(2 * groups),
      groupsOrGain: groupsBelow(3 * groups),
      holdsOthers: atoms.some(
        (atom) => (atom >= groups && atom < 2 * groups) || atom === 3 * groups,
      ),
    };
  }
}
