import type { Node } from "../graph/index.js";
import type { Convolution } from "./convolution.js";
import { TooManySets } from "./dependence/atom-sets.js";
import type { Terrain } from "./dependence/terrain.js";
import { GroupAtoms } from "./group-atoms.js";
import { type Effort, GroupWalk } from "./group-walk.js";
import { findLandmarks, type Landmarks } from "./meetings.js";
import type { Mixing } from "./mixing.js";

/**
 * About five seconds of walking and 100 MB of sets. Published networks take a hundredth of either; a
 * thousand layers whose groups never mix take half, as each is followed through all that come after it.
 */
const MOST_LABELS_SEEN = 2 ** 29;
const MOST_SET_COST = 2 ** 25;

/** More channels than any network has; files can claim as many as they like. */
const MOST_CHANNELS = 2 ** 20;

export function newEffort(): Effort {
  return { left: MOST_LABELS_SEEN, mostSetCost: MOST_SET_COST };
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
 * Follows the output channels of grouped convolutions forward and says where their groups meet. Exact
 * for the structure (every weight is taken to matter) and without reading a weight. Groups meet in a
 * channel that depends on the content of one and on the content, or the input, of another: a dense
 * branch around the convolution brings them together, an identity around it does not.
 */
export class GroupFollower {
  readonly #landmarks: Landmarks;
  readonly #atoms = new Map<number, GroupAtoms>();

  constructor(
    readonly terrain: Terrain,
    readonly effort: Effort = newEffort(),
  ) {
    this.#landmarks = findLandmarks(terrain);
  }

  follow(convolution: Convolution): Mixing {
    const { node, groups } = convolution;
    if (groups <= 1) return dense;
    if (!this.#canStart(convolution) || this.effort.left < 0) return unknown(node, groups);
    const { terrain, effort } = this;
    try {
      const ground = { terrain, landmarks: this.#landmarks, atoms: this.#atomsFor(groups), effort };
      return new GroupWalk(convolution, ground).run();
    } catch (error) {
      if (!(error instanceof TooManySets)) throw error;
      this.#atoms.delete(groups);
      return unknown(node, groups);
    }
  }

  #canStart({ node, groups, inChannels, weightInChannels, outChannels }: Convolution): boolean {
    const isSound =
      inChannels === weightInChannels &&
      Math.min(inChannels, outChannels) > 0 &&
      Math.max(inChannels, outChannels) <= MOST_CHANNELS &&
      inChannels % groups === 0 &&
      outChannels % groups === 0;
    return isSound && this.terrain.rules.has(node);
  }

  #atomsFor(groups: number): GroupAtoms {
    let atoms = this.#atoms.get(groups);
    if (!atoms || atoms.isFull) {
      atoms = new GroupAtoms(groups, this.effort.mostSetCost);
      this.#atoms.set(groups, atoms);
    }
    return atoms;
  }
}

function unknown(node: Node, groups: number): Mixing {
  return { ...dense, status: "unknown", separateParts: groups, unknownAt: node };
}
