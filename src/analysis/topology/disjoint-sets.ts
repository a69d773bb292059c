/** Sets that only ever grow together. */
export class DisjointSets<T> {
  readonly #parents = new Map<T, T>();

  add(item: T): void {
    if (!this.#parents.has(item)) this.#parents.set(item, item);
  }

  has(item: T | null): item is T {
    return item !== null && this.#parents.has(item);
  }

  /** Puts two members into one set. */
  join(a: T, b: T): void {
    this.#parents.set(this.#rootOf(a), this.#rootOf(b));
  }

  /** The members of each set, in the order they were added. */
  sets(): T[][] {
    const sets = new Map<T, T[]>();
    for (const item of this.#parents.keys()) {
      const root = this.#rootOf(item);
      const members = sets.get(root);
      if (members) members.push(item);
      else sets.set(root, [item]);
    }
    return [...sets.values()];
  }

  #rootOf(item: T): T {
    let root = item;
    for (
      let parent = this.#parents.get(root)!;
      parent !== root;
      parent = this.#parents.get(root)!
    ) {
      const above = this.#parents.get(parent)!;
      this.#parents.set(root, above);
      root = above;
    }
    return root;
  }
}
