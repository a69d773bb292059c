import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { matchesPattern } from "./role-overrides.js";

describe("matchesPattern", () => {
  it.each([
    ["head", "head", true],
    ["head", "head.0", false],
    ["head*", "head.0", true],
    ["head*", "head", true],
    ["*.conv", "layer1.conv", true],
    ["*.conv", "layer1.conv2", false],
    ["*", "", true],
    ["", "", true],
    ["", "a", false],
    ["a*b*c", "a-b-b-c", true],
    ["a*b*c", "a-c-b", false],
    ["ab*ba", "aba", false], // start and end must not overlap
    ["a*a*a", "aa", false],
    ["a.c", "abc", false], // a dot is a dot
    ["(*)[$^", "(x)[$^", true],
  ])("%s on %s: %s", (pattern, name, matches) => {
    expect(matchesPattern(pattern, name)).toBe(matches);
  });

  it("agrees with a regular expression", () => {
    const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", "*"), maxLength: 5 });
    fc.assert(
      fc.property(pattern, text, (glob, name) => {
        const regex = new RegExp(`^${glob.replaceAll("*", ".*")}$`);
        expect(matchesPattern(glob, name)).toBe(regex.test(name));
      }),
    );
  });

  it("is not held up by patterns that make regular expressions try all ways", async () => {
    const prepare = (size: number) => {
      const [pattern, name] = [`${"a*".repeat(12)}b`, "a".repeat(size)];
      return () => matchesPattern(pattern, name);
    };
    expect(await growth(10_000, prepare)).toBeLessThan(LINEAR);
  });
});
