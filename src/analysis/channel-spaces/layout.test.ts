import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { range } from "../../util/math.js";
import {
  type Axis,
  type Channels,
  cut,
  FIXED,
  fixedAxis,
  flattenAxes,
  freshAxis,
  isPinned,
  join,
  type Leaf,
  lengthOf,
  pin,
  repeated,
  resolve,
  unify,
} from "./layout.js";

/** Every element along an axis: whose channel it is, and which of its neighbours. */
function elements(axis: Axis): [leaf: Leaf, channel: number, neighbour: number][] {
  return resolve((axis as Channels).stretches).flatMap(({ leaf, repeat }) =>
    range(leaf.size).flatMap((channel) =>
      range(repeat).map((neighbour): [Leaf, number, number] => [leaf, channel, neighbour]),
    ),
  );
}

const sizes = (axis: Axis) => resolve((axis as Channels).stretches).map(({ leaf }) => leaf.size);
const repeats = (axis: Axis) => resolve((axis as Channels).stretches).map((part) => part.repeat);

describe("unify", () => {
  it("makes one of two", () => {
    const [a, b] = [freshAxis(4), freshAxis(4)];
    unify(a, b);
    expect(elements(a)).toEqual(elements(b));
    expect(isPinned(a)).toBe(false);
    pin(b);
    expect(isPinned(a)).toBe(true);
  });

  it("cuts where the other one has a border", () => {
    const [whole, left, right] = [freshAxis(6), freshAxis(2), freshAxis(4)];
    unify(whole, join([left, right]));
    expect(sizes(whole)).toEqual([2, 4]);
    pin(left);
    expect(isPinned(whole)).toBe(false);
    unify(whole, join([freshAxis(3), freshAxis(3)]));
    expect(sizes(right)).toEqual([1, 3]);
  });

  it("lets channels that stand as neighbours move together", () => {
    const [pixels, columns] = [repeated(freshAxis(3), 4), freshAxis(12)];
    unify(columns, pixels);
    expect(sizes(columns)).toEqual([3]);
    expect(repeats(columns)).toEqual([4]);
    // Pairs beside fours
    unify(repeated(freshAxis(6), 2), columns);
    expect(repeats(columns)).toEqual([4]);
    // Fours in two parts
    const parts = join([freshAxis(4), freshAxis(8)]);
    unify(columns, parts);
    expect(sizes(parts)).toEqual([1, 2]);
    expect(repeats(parts)).toEqual([4, 4]);
  });

  it("pins what cannot be brought together", () => {
    const [pairs, threes] = [repeated(freshAxis(3), 2), repeated(freshAxis(2), 3)];
    unify(pairs, threes);
    expect([isPinned(pairs), isPinned(threes)]).toEqual([true, true]);
    const [four, five] = [freshAxis(4), freshAxis(5)];
    unify(four, five);
    expect([isPinned(four), isPinned(five)]).toEqual([true, true]);
    const shifted = freshAxis(4);
    unify(shifted, FIXED);
    expect(isPinned(shifted)).toBe(true);
  });

  it("finds out how far an image stretches from who reads it", () => {
    const channels = freshAxis(8);
    const flat = flattenAxes([channels, FIXED, FIXED]);
    expect(lengthOf(flat)).toBeNull();
    const columns = freshAxis(72);
    unify(columns, flat);
    expect(repeats(columns)).toEqual([9]);
    expect(elements(columns)[10]).toEqual([elements(channels)[1][0], 1, 1]);
    unify(freshAxis(60), flat); // 7.5 columns a channel
    expect(isPinned(channels)).toBe(true);
  });

  it("leaves both the same, or both as they are", () => {
    // Rows of parts of a few shared leaves, some of them pinned.
    const row = fc.array(fc.record({ leaf: fc.nat(4), repeat: fc.constantFrom(1, 1, 2, 3) }), {
      minLength: 1,
      maxLength: 4,
    });
    const leafSizes = fc.array(
      fc.record({ size: fc.integer({ min: 1, max: 6 }), isFixed: fc.boolean() }),
      {
        minLength: 5,
        maxLength: 5,
      },
    );
    fc.assert(
      fc.property(
        leafSizes,
        fc.array(fc.tuple(row, row), { minLength: 1, maxLength: 4 }),
        (given, pairs) => {
          const leaves = given.map(({ size, isFixed }) =>
            isFixed ? fixedAxis(size) : freshAxis(size),
          );
          const axisOf = (parts: { leaf: number; repeat: number }[]) =>
            join(parts.map(({ leaf, repeat }) => repeated(leaves[leaf], repeat)));
          const rows = pairs.map(([left, right]) => [axisOf(left), axisOf(right)] as const);
          // Make them of one length, so that most can be brought together.
          const even = rows.map(([left, right]) => {
            const missing = lengthOf(left)! - lengthOf(right)!;
            if (missing === 0) return [left, right] as const;
            const rest = freshAxis(Math.abs(missing));
            return missing > 0
              ? ([left, join([right, rest])] as const)
              : ([join([left, rest]), right] as const);
          });
          for (const [left, right] of even) unify(left, right);
          for (const [left, right] of even) {
            const isSame =
              JSON.stringify(elements(left).map(key)) === JSON.stringify(elements(right).map(key));
            expect(isSame || (isPinned(left) && isPinned(right))).toBe(true);
          }
          for (const [i, leaf] of leaves.entries())
            if (given[i].isFixed) expect(isPinned(leaf)).toBe(true);
        },
      ),
      { numRuns: 500 },
    );
  });
});

const names = new Map<Leaf, number>();
const key = ([leaf, channel, neighbour]: [Leaf, number, number]) => {
  names.set(leaf, names.get(leaf) ?? names.size);
  return [names.get(leaf), channel, neighbour];
};

describe("cut and join", () => {
  it("are each other's way back", () => {
    const axis = join([freshAxis(3), repeated(freshAxis(2), 2)]);
    const parts = cut(axis, [2, 3, 2]);
    expect(parts.map(sizes)).toEqual([[2], [1, 1], [1]]);
    expect(elements(join(parts))).toEqual(elements(axis));
  });

  it("pins where a border runs through neighbours, or the sizes are not the axis'", () => {
    const pairs = repeated(freshAxis(3), 2);
    expect(cut(pairs, [3, 3]).map(lengthOf)).toEqual([3, 3]);
    expect(isPinned(pairs)).toBe(true);
    const whole = freshAxis(4);
    cut(whole, [1, 2]);
    expect(isPinned(whole)).toBe(true);
  });

  it("cuts a leaf that stands there twice at both places", () => {
    const part = freshAxis(4);
    const [first, second] = cut(join([part, part]), [3, 5]);
    expect([sizes(first), sizes(second)]).toEqual([[3], [1, 3, 1]]);
  });
});

describe("flattenAxes", () => {
  it("passes over axes of one element, and repeats by what is inside", () => {
    const channels = freshAxis(5);
    expect(flattenAxes([channels, fixedAxis(1), fixedAxis(1)])).toBe(channels);
    expect(repeats(flattenAxes([channels, fixedAxis(2), fixedAxis(3)]))).toEqual([6]);
    expect(lengthOf(flattenAxes([]))).toBe(1);
  });

  it("pins what would be torn apart", () => {
    const [outer, inner] = [freshAxis(5), freshAxis(4)];
    expect(flattenAxes([outer, inner])).toBe(FIXED);
    expect([isPinned(outer), isPinned(inner)]).toEqual([true, true]);
  });
});
