import type { Node } from "../graph/index.js";
import type { Convolution } from "./convolution.js";
import type { Terrain } from "./dependence/terrain.js";
import { GroupAtoms } from "./group-atoms.js";
import { type Effort, GroupWalk } from "./group-walk.js";
import { findLandmarks } from "./meetings.js";
import type { Mixing } from "./mixing.js";

/** About ten seconds of walking, for one model. Published networks take a thousandth of it. */
const MOST_EFFORT = 2 ** 28;
/** Sets of atoms are shared between walks until there are so many different ones. */
const MOST_SHARED_SETS = 2 ** 16;

export function newEffort(): Effort {
  return { left: MOST_EFFORT };
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
  readonly #landmarks: ReturnType<typeof findLandmarks>;
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
    if (!this.#canStart(convolution)) return unknown(node, groups);
    return new GroupWalk(convolution, {
      terrain: this.terrain,
      landmarks: this.#landmarks,
      atoms: this.#atomsFor(groups),
      effort: this.effort,
    }).run();
  }

  #canStart({ node, groups, inChannels, weightInChannels, outChannels }: Convolution): boolean {
    const isSound =
      inChannels === weightInChannels &&
      inChannels > 0 &&
      outChannels > 0 &&
      inChannels % groups === 0 &&
      outChannels % groups === 0;
    return isSound && this.terrain.rules.has(node);
  }

  #atomsFor(groups: number): GroupAtoms {
    let atoms = this.#atoms.get(groups);
    if (!atoms || atoms.sets.size > MOST_SHARED_SETS) {
      atoms = new GroupAtoms(groups);
      this.#atoms.set(groups, atoms);
    }
    return atoms;
  }
}

function unknown(node: Node, groups: number): Mixing {
  return { ...dense, status: "unknown", separateParts: groups, unknownAt: node };
}
