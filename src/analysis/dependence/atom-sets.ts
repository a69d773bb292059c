/** Number of a set in an {@link AtomSets}; 0 is the empty set. */
export type SetId = number;

export const EMPTY: SetId = 0;

/**
 * Sets of small whole numbers, each different set stored once as bits and named by a number, so that
 * thousands of channels with the same set cost one.
 */
export class AtomSets {
  readonly #words: number;
  readonly #sets: Uint32Array[] = [];
  readonly #byHash = new Map<number, SetId[]>();
  readonly #unions = new Map<number, SetId>();
  readonly #scratch: Uint32Array;

  /** @param atomCount Atoms are 0 to atomCount - 1. */
  constructor(readonly atomCount: number) {
    this.#words = Math.max(1, Math.ceil(atomCount / 32));
    this.#scratch = new Uint32Array(this.#words);
    this.#intern(); // the empty set, number 0
  }

  singleton(atom: number): SetId {
    this.#scratch.fill(0);
    this.#scratch[atom >>> 5] = 1 << (atom & 31);
    return this.#intern();
  }

  union(a: SetId, b: SetId): SetId {
    if (a === b || b === EMPTY) return a;
    if (a === EMPTY) return b;
    const [low, high] = a < b ? [a, b] : [b, a];
    const key = high * 0x4000000 + low;
    const known = this.#unions.get(key);
    if (known !== undefined) return known;
    const [first, second] = [this.#sets[low], this.#sets[high]];
    for (let i = 0; i < this.#words; i++) this.#scratch[i] = first[i] | second[i];
    const id = this.#intern();
    this.#unions.set(key, id);
    return id;
  }

  unionAll(ids: Iterable<SetId>): SetId {
    const distinct = new Set(ids);
    distinct.delete(EMPTY);
    if (distinct.size <= 2) {
      const [a = EMPTY, b = EMPTY] = distinct;
      return this.union(a, b);
    }
    this.#scratch.fill(0);
    for (const id of distinct) {
      const bits = this.#sets[id];
      for (let i = 0; i < this.#words; i++) this.#scratch[i] |= bits[i];
    }
    return this.#intern();
  }

  has(id: SetId, atom: number): boolean {
    return (this.#sets[id][atom >>> 5] & (1 << (atom & 31))) !== 0;
  }

  /** The members, ascending. */
  atoms(id: SetId): number[] {
    const members: number[] = [];
    const bits = this.#sets[id];
    for (let word = 0; word < this.#words; word++) {
      for (let rest = bits[word]; rest !== 0; rest &= rest - 1)
        members.push(word * 32 + (31 - Math.clz32(rest & -rest)));
    }
    return members;
  }

  #intern(): SetId {
    let hash = 0x811c9dc5;
    for (const word of this.#scratch) hash = Math.imul(hash ^ word, 0x01000193) ^ (word >>> 15);
    const bucket = this.#byHash.get(hash);
    const known = bucket?.find((id) => equal(this.#sets[id], this.#scratch));
    if (known !== undefined) return known;
    const id = this.#sets.push(this.#scratch.slice()) - 1;
    if (bucket) bucket.push(id);
    else this.#byHash.set(hash, [id]);
    return id;
  }
}

function equal(a: Uint32Array, b: Uint32Array): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
