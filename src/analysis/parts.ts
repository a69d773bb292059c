/** Whole numbers that fall into parts: two are in the same part when a chain of joins links them. */
export class Parts {
  readonly #parent: Int32Array;
  /** How many parts there are among all numbers. */
  count: number;

  /** The numbers are 0 to `size - 1`, each a part of its own at first. */
  constructor(size: number) {
    this.#parent = Int32Array.from({ length: size }, (_, i) => i);
    this.count = size;
  }

  /** Puts all these numbers into one part. */
  join(numbers: readonly number[]): void {
    for (let i = 1; i < numbers.length; i++) {
      const [a, b] = [this.rootOf(numbers[0]), this.rootOf(numbers[i])];
      if (a === b) continue;
      this.#parent[b] = a;
      this.count--;
    }
  }

  /** How many parts these numbers fall into. */
  countAmong(numbers: Iterable<number>): number {
    const roots = new Set<number>();
    for (const number of numbers) roots.add(this.rootOf(number));
    return roots.size;
  }

  /** A number that stands for the part: the same for all numbers in it. */
  rootOf(number: number): number {
    let root = number;
    while (this.#parent[root] !== root) {
      this.#parent[root] = this.#parent[this.#parent[root]];
      root = this.#parent[root];
    }
    return root;
  }
}
