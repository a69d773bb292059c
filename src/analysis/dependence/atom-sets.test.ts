import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { AtomSets, EMPTY, TooManySets } from "./atom-sets.js";

const ATOMS = 200;

describe("AtomSets", () => {
  it("has the members of a union, ascending, and one number for each different set", () => {
    const atom = fc.integer({ min: 0, max: ATOMS - 1 });
    // From lists of one atom to bits of nearly all.
    const members = fc.oneof(
      fc.uniqueArray(atom, { maxLength: 5 }),
      fc.uniqueArray(atom, { minLength: 5, maxLength: ATOMS }),
    );
    fc.assert(
      fc.property(members, members, members, (...lists) => {
        const sets = new AtomSets(ATOMS);
        const ids = lists.map((list) => sets.unionAll(list.map((each) => sets.singleton(each))));
        const expected = (atoms: number[]) => [...new Set(atoms)].sort((a, b) => a - b);
        ids.forEach((id, i) => {
          expect(sets.atoms(id)).toEqual(expected(lists[i]));
        });
        const [a, b, c] = ids;
        expect(sets.atoms(sets.union(a, b))).toEqual(expected([...lists[0], ...lists[1]]));
        expect(sets.union(b, a)).toBe(sets.union(a, b));
        expect(sets.unionAll([a, b, c])).toBe(sets.union(sets.union(c, b), a));
      }),
    );
  });

  it("has the empty set for no sets", () => {
    const sets = new AtomSets(3);
    expect(sets.unionAll([])).toBe(EMPTY);
    expect(sets.unionAll([EMPTY, EMPTY])).toBe(EMPTY);
    expect(sets.atoms(EMPTY)).toEqual([]);
    expect(sets.union(EMPTY, sets.singleton(2))).toBe(sets.singleton(2));
  });

  it("refuses to cost more than it may", () => {
    const sets = new AtomSets(ATOMS, 1000);
    expect(() => {
      for (let i = 0; i < ATOMS; i++) sets.singleton(i);
    }).toThrow(TooManySets);
    expect(sets.singleton(0)).toBe(1); // what is there stays
  });
});
