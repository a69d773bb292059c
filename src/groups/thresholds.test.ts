import { describe, expect, it } from "vitest";
import { range } from "../util/math.js";
import { groupShareLimit } from "./thresholds.js";

describe("groupShareLimit", () => {
  it("is 30 % of the narrower side, rounded down, and at least 1", () => {
    expect(groupShareLimit(64, 64)).toBe(19); // 19.2
    expect(groupShareLimit(10, 400)).toBe(3);
    expect(groupShareLimit(3, 3)).toBe(1); // 0.9
  });

  it("is exact where 0.3 in binary would not be", () => {
    for (const tens of range(1, 2000)) expect(groupShareLimit(tens * 10, tens * 10)).toBe(tens * 3);
  });
});
