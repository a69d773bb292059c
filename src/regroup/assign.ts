import { sum } from "../util/math.js";

/**
 * Gives each of n items one of K cells so that the scores add up to the most, and no cell takes more than
 * it holds: the transportation problem, solved exactly by shortest augmenting paths over the cells
 * (Dijkstra with prices; O(n K²) and less where few cells are full).
 *
 * @param scores `[n, K]`, row-major, finite.
 * @param capacities Of each cell; together exactly n.
 * @returns The cell of each item.
 * Source: Ahuja, Magnanti, Orlin, Network Flows (1993), section 9.7.
 */
export function assign(scores: Float64Array, capacities: readonly number[]): Int32Array {
  const cellCount = capacities.length;
  const cellOf = new Int32Array(sum(capacities));
  const members = capacities.map((): number[] => []);
  const prices = new Float64Array(cellCount);
  // What it costs to move the cheapest member of cell a on to cell b, and who that is.
  const moveCost = new Float64Array(cellCount * cellCount).fill(Number.POSITIVE_INFINITY);
  const mover = new Int32Array(cellCount * cellCount);

  const remember = (cell: number) => {
    for (let to = 0; to < cellCount; to++) {
      let [cheapest, who] = [Number.POSITIVE_INFINITY, -1];
      for (const item of members[cell]) {
        const cost = scores[item * cellCount + cell] - scores[item * cellCount + to];
        if (cost < cheapest) [cheapest, who] = [cost, item];
      }
      moveCost[cell * cellCount + to] = cheapest;
      mover[cell * cellCount + to] = who;
    }
  };

  const distance = new Float64Array(cellCount);
  const before = new Int32Array(cellCount); // the cell the path came from; -1: it starts here
  const isDone = new Uint8Array(cellCount);
  for (let item = 0; item < cellOf.length; item++) {
    for (let cell = 0; cell < cellCount; cell++)
      distance[cell] = -scores[item * cellCount + cell] - prices[cell];
    before.fill(-1);
    isDone.fill(0);
    let last = nearest(distance, isDone);
    while (members[last].length === capacities[last]) {
      isDone[last] = 1;
      const base = distance[last] + prices[last];
      for (let to = 0; to < cellCount; to++) {
        const through = base + moveCost[last * cellCount + to] - prices[to];
        if (isDone[to] || through >= distance[to]) continue;
        distance[to] = through;
        before[to] = last;
      }
      last = nearest(distance, isDone);
    }
    for (let cell = 0; cell < cellCount; cell++)
      if (isDone[cell]) prices[cell] += distance[cell] - distance[last];

    const changed: number[] = [];
    for (let cell = last; ; cell = before[cell]) {
      changed.push(cell);
      const from = before[cell];
      const incoming = from < 0 ? item : mover[from * cellCount + cell];
      if (from >= 0) members[from].splice(members[from].indexOf(incoming), 1);
      members[cell].push(incoming);
      cellOf[incoming] = cell;
      if (from < 0) break;
    }
    changed.forEach(remember);
  }
  return cellOf;
}

/** The cell that is nearest of those not done with. */
function nearest(distance: Float64Array, isDone: Uint8Array): number {
  let found = -1;
  for (let cell = 0; cell < distance.length; cell++)
    if (!isDone[cell] && (found < 0 || distance[cell] < distance[found])) found = cell;
  return found;
}
