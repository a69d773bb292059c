import { sum } from "../util/math.js";

/**
 * Gives each of n items one of K cells so that the scores add up to the most, and no cell takes more than
 * it holds: the transportation problem, solved exactly by shortest augmenting paths over the cells
 * (Dijkstra with prices; at most n times K² steps, and fewer while cells have room).
 *
 * @param scores `[n, K]`, row-major, finite.
 * @param capacities Of each cell; together exactly n.
 * @returns The cell of each item.
 * Source: Ahuja, Magnanti, Orlin, Network Flows (1993), chapter 9.
 */
export function assign(scores: Float64Array, capacities: readonly number[]): Int32Array {
  const cellCount = capacities.length;
  const cellOf = new Int32Array(sum(capacities));
  const members = capacities.map((): number[] => []);
  const prices = new Float64Array(cellCount);
  // What it costs to move the cheapest member of cell a on to cell b, and who that is.
  const moveCost = new Float64Array(cellCount * cellCount).fill(Number.POSITIVE_INFINITY);
  const mover = new Int32Array(cellCount * cellCount);

  const consider = (item: number, cell: number, to: number) => {
    const cost = scores[item * cellCount + cell] - scores[item * cellCount + to];
    const edge = cell * cellCount + to;
    if (cost >= moveCost[edge]) return;
    moveCost[edge] = cost;
    mover[edge] = item;
  };
  const enter = (item: number, cell: number) => {
    members[cell].push(item);
    cellOf[item] = cell;
    for (let to = 0; to < cellCount; to++) consider(item, cell, to);
  };
  const leave = (item: number, cell: number) => {
    members[cell].splice(members[cell].indexOf(item), 1);
    for (let to = 0; to < cellCount; to++) {
      const edge = cell * cellCount + to;
      if (mover[edge] !== item) continue;
      moveCost[edge] = Number.POSITIVE_INFINITY;
      for (const member of members[cell]) consider(member, cell, to);
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

    // Back along the path, each cell gives on the one that is cheapest to move before it takes another in.
    for (let cell = last; ; cell = before[cell]) {
      const from = before[cell];
      const incoming = from < 0 ? item : mover[from * cellCount + cell];
      if (from >= 0) leave(incoming, from);
      enter(incoming, cell);
      if (from < 0) break;
    }
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
