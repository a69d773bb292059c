/** A queue that gives its smallest number first; imports nothing. */
export class MinHeap {
  readonly #items: number[] = [];

  push(item: number): void {
    const items = this.#items;
    let at = items.push(item) - 1;
    for (let parent = (at - 1) >> 1; at > 0 && items[parent] > item; parent = (at - 1) >> 1) {
      items[at] = items[parent];
      at = parent;
    }
    items[at] = item;
  }

  pop(): number | undefined {
    const items = this.#items;
    const least = items[0];
    const moved = items.pop();
    if (items.length === 0 || moved === undefined) return least;
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (items[child + 1] < items[child]) child++;
      if (items[child] >= moved) break;
      items[at] = items[child];
      at = child;
    }
    items[at] = moved;
    return least;
  }
}
