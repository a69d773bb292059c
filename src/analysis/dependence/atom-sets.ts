/** Number of a set in an {@link AtomSets}; 0 is the empty set. */
export type SetId = number;

export const EMPTY: SetId = 0;

/** More different sets than a walk is worth. */
export class TooManySets extends Error {}

/** What a set costs besides its atoms, in numbers of 32 bits. */
const SET_COST = 32;

/** Few atoms are kept as an ascending list, many as bits: whichever is smaller. */
type Stored = Int32Array | Uint32Array;

/**
 * Sets of small whole numbers, each different set stored once and named by a number, so that thousands
 * of channels with the same set cost one.
 */
export class AtomSets {
  readonly #words: number;
  readonly #sets: Stored[] = [new Int32Array(0)]; // the empty set, number 0
  readonly #singletons = new Map<number, SetId>();
  readonly #byHash = new Map<number, SetId[]>();
  readonly #unions = new Map<number, SetId>();
  /** The bits of the set in the making. */
  readonly #scratch: Uint32Array;

  /** What all sets cost, in numbers of 32 bits. */
  cost = 0;

  /**
   * @param atomCount Atoms are 0 to atomCount - 1.
   * @param mostCost See `cost`: a set beyond it throws {@link TooManySets}. No bound by default.
   */
  constructor(
    readonly atomCount: number,
    readonly mostCost = Number.POSITIVE_INFINITY,
  ) {
    this.#words = Math.max(1, Math.ceil(atomCount / 32));
    this.#scratch = new Uint32Array(this.#words);
  }

  singleton(atom: number): SetId {
    let id = this.#singletons.get(atom);
    if (id === undefined) {
      id = this.#add(Int32Array.of(atom));
      this.#singletons.set(atom, id);
    }
    return id;
  }

  union(a: SetId, b: SetId): SetId {
    if (a === b || b === EMPTY) return a;
    if (a === EMPTY) return b;
    const key = Math.max(a, b) * 0x4000000 + Math.min(a, b);
    let id = this.#unions.get(key);
    if (id === undefined) {
      id = this.#internUnion([a, b]);
      this.#unions.set(key, id);
    }
    return id;
  }

  unionAll(ids: Iterable<SetId>): SetId {
    const distinct = new Set(ids);
    distinct.delete(EMPTY);
    if (distinct.size > 2) return this.#internUnion(distinct);
    const [a = EMPTY, b = EMPTY] = distinct;
    return this.union(a, b);
  }

  /** The members, ascending. */
  atoms(id: SetId): number[] {
    const stored = this.#sets[id];
    return stored instanceof Int32Array ? [...stored] : atomsOfBits(stored);
  }

  /** @param ids At least two different sets, none empty: the union is then no singleton. */
  #internUnion(ids: Iterable<SetId>): SetId {
    const bits = this.#scratch.fill(0);
    for (const id of ids) {
      const stored = this.#sets[id];
      if (stored instanceof Int32Array) for (const atom of stored) bits[atom >>> 5] |= 1 << atom;
      else for (let i = 0; i < bits.length; i++) bits[i] |= stored[i];
    }
    return this.#intern(bits);
  }

  #add(stored: Stored): SetId {
    this.cost += SET_COST + stored.length;
    if (this.cost > this.mostCost) throw new TooManySets();
    return this.#sets.push(stored) - 1;
  }

  #intern(bits: Uint32Array): SetId {
    let hash = 0x811c9dc5;
    let count = 0;
    for (const word of bits) {
      hash = Math.imul(hash ^ word, 0x01000193) ^ (word >>> 15);
      for (let rest = word; rest !== 0; rest &= rest - 1) count++;
    }
    const bucket = this.#byHash.get(hash);
    const known = bucket?.find((id) => isSame(this.#sets[id], bits, count));
    if (known !== undefined) return known;
    const asList = count <= this.#words;
    const id = this.#add(asList ? Int32Array.from(atomsOfBits(bits)) : bits.slice());
    if (bucket) bucket.push(id);
    else this.#byHash.set(hash, [id]);
    return id;
  }
}

function isSame(stored: Stored, bits: Uint32Array, count: number): boolean {
  if (stored instanceof Int32Array)
    return stored.length === count && stored.every((atom) => (bits[atom >>> 5] >>> atom) & 1);
  return stored.every((word, i) => word === bits[i]);
}

function atomsOfBits(bits: Uint32Array): number[] {
  const members: number[] = [];
  for (let word = 0; word < bits.length; word++)
    for (let rest = bits[word]; rest !== 0; rest &= rest - 1)
      members.push(word * 32 + (31 - Math.clz32(rest & -rest)));
  return members;
}
