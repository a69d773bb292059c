import type { Session, Tensors } from "../../runtime/index.js";
import { spreadOf } from "../../util/statistics.js";
import type { Latency } from "./section.js";

/** Collects times of two networks that run in turns. */
export class PairClock {
  readonly #before: number[] = [];
  readonly #after: number[] = [];

  /** @param wanted Pairs that are enough. */
  constructor(readonly wanted: number) {}

  get isFull(): boolean {
    return this.pairs >= this.wanted;
  }

  get pairs(): number {
    return this.#before.length;
  }

  add(beforeMs: number, afterMs: number): void {
    this.#before.push(beforeMs);
    this.#after.push(afterMs);
  }

  latency(): Latency {
    return {
      beforeMs: spreadOf(this.#before),
      afterMs: spreadOf(this.#after),
      ratio: this.#before.every((ms) => ms > 0)
        ? spreadOf(this.#after.map((ms, i) => ms / this.#before[i]))
        : null,
    };
  }
}

/** Runs both on the same feeds; who begins changes from pair to pair, as the first finds colder memory. */
export async function runInTurns(
  before: Session,
  after: Session,
  feeds: Tensors,
  clock: PairClock,
): Promise<[before: Tensors, after: Tensors]> {
  const [first, second] = clock.pairs % 2 === 1 ? [after, before] : [before, after];
  const [firstResults, firstMs] = await timed(first, feeds);
  const [secondResults, secondMs] = await timed(second, feeds);
  if (first === before) {
    clock.add(firstMs, secondMs);
    return [firstResults, secondResults];
  }
  clock.add(secondMs, firstMs);
  return [secondResults, firstResults];
}

async function timed(session: Session, feeds: Tensors): Promise<[Tensors, ms: number]> {
  const start = performance.now();
  const results = await session.run(feeds);
  return [results, performance.now() - start];
}
