import { range } from "../util/math.js";
import { AtomSets, type SetId } from "./dependence/atom-sets.js";

const BITS = 21;

/**
 * Whole numbers from 0 to 2^21 - 1 written as sets, so that the rules of dependence carry them. A number
 * has one atom a binary digit, 2b for a 0 and 2b + 1 for a 1: small sets, yet a union of two different
 * numbers is never taken for a number.
 */
export class Positions {
  readonly sets = new AtomSets(2 * BITS + 1);
  /** The set of everything that is no position. */
  readonly nowhere: SetId = this.sets.singleton(2 * BITS);
  readonly #ids: SetId[] = [];
  readonly #positions = new Map<SetId, number>();

  /** The sets of 0 to `end - 1`. */
  idsTo(end: number): readonly SetId[] {
    for (let position = this.#ids.length; position < end; position++) {
      const digits = range(BITS).map((bit) => 2 * bit + ((position >> bit) & 1));
      const id = this.sets.unionAll(digits.map((atom) => this.sets.singleton(atom)));
      this.#ids.push(id);
      this.#positions.set(id, position);
    }
    return this.#ids.slice(0, end);
  }

  /** The number a set stands for; undefined for the empty set, unions and `nowhere`. */
  positionOf(id: SetId): number | undefined {
    return this.#positions.get(id);
  }
}
