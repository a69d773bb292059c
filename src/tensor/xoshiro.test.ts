import { expect, it } from "vitest";
import { splitmix64, xoshiro128 } from "./xoshiro.js";

it("gives the outputs of xoshiro128starstar.c 1.1 from state 1, 2, 3, 4", () => {
  // As published in rand_xoshiro, xoshiro128starstar.rs, test "reference".
  const state = Uint32Array.of(1, 2, 3, 4);
  expect(Array.from({ length: 10 }, () => xoshiro128(state))).toEqual([
    11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597,
    4258142804,
  ]);
});

it("gives the outputs of splitmix64.c from seed 1477776061723855037", () => {
  // As published in rand_xoshiro, splitmix64.rs, test "reference".
  expect(splitmix64(1477776061723855037n, 5)).toEqual([
    1985237415132408290n,
    2979275885539914483n,
    13511426838097143398n,
    8488337342461049707n,
    15141737807933549159n,
  ]);
});
