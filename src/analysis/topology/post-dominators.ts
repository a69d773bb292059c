/**
 * Which nodes every way to the end passes: node a post-dominates b when each way from b on leads through
 * a. Built in one pass over an acyclic graph; questions take logarithmic time.
 */
export class PostDominators<T> {
  readonly #entries = new Map<T, Entry<T>>();
  readonly #end: Entry<T> = end();

  /**
   * @param reversed All nodes, each before what leads to it.
   * @param next What a node leads to; `null` stands for the end.
   */
  constructor(reversed: readonly T[], next: (node: T) => Iterable<T | null>) {
    for (const node of reversed) {
      let parent: Entry<T> | null = null;
      for (const target of next(node)) {
        const entry = target === null ? this.#end : this.#entries.get(target);
        if (entry) parent = parent ? meet(parent, entry) : entry;
      }
      if (parent) this.#entries.set(node, child(node, parent));
    }
  }

  /** Is there a way from this node to the end? */
  reachesEnd(node: T): boolean {
    return this.#entries.has(node);
  }

  /** Each node post-dominates itself. Nothing holds of a node from which the end is out of reach. */
  postDominates(a: T, b: T): boolean {
    const [high, low] = [this.#entries.get(a), this.#entries.get(b)];
    return !!high && !!low && ancestorAt(low, high.depth) === high;
  }

  /** The nearest node that every way from any of these passes; null when they part until the end. */
  nearestCommon(nodes: Iterable<T>): T | null {
    let common: Entry<T> | null = null;
    for (const node of nodes) {
      const entry = this.#entries.get(node);
      if (entry) common = common ? meet(common, entry) : entry;
    }
    return common?.node ?? null;
  }

  /** The next node that every way from here passes; null at the last. */
  next(node: T): T | null {
    return this.#entries.get(node)?.parent.node ?? null;
  }
}

interface Entry<T> {
  readonly node: T | null;
  readonly depth: number;
  readonly parent: Entry<T>;
  /** An ancestor further up, so placed that any ancestor is a logarithmic number of jumps away. */
  readonly jump: Entry<T>;
}

function end<T>(): Entry<T> {
  const entry = { node: null, depth: 0 } as { -readonly [K in keyof Entry<T>]: Entry<T>[K] };
  entry.parent = entry;
  entry.jump = entry;
  return entry;
}

/** E. W. Myers, "An applicative random-access stack" (1983). */
function child<T>(node: T, parent: Entry<T>): Entry<T> {
  const { jump } = parent;
  const even = parent.depth - jump.depth === jump.depth - jump.jump.depth;
  return { node, depth: parent.depth + 1, parent, jump: even ? jump.jump : parent };
}

function ancestorAt<T>(entry: Entry<T>, depth: number): Entry<T> {
  let at = entry;
  while (at.depth > depth) at = at.jump.depth >= depth ? at.jump : at.parent;
  return at;
}

function meet<T>(a: Entry<T>, b: Entry<T>): Entry<T> {
  const depth = Math.min(a.depth, b.depth);
  let [x, y] = [ancestorAt(a, depth), ancestorAt(b, depth)];
  while (x !== y) [x, y] = x.jump === y.jump ? [x.parent, y.parent] : [x.jump, y.jump];
  return x;
}
