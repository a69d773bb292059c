import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { count, editDistance, nearestWord, printable } from "./text.js";

describe("editDistance", () => {
  it.each([
    ["", "", 0],
    ["", "abc", 3],
    ["kitten", "sitting", 3], // k>s, e>i, +g
    ["flaw", "lawn", 2], // -f, +n
    ["conv", "conv", 0],
    ["ab", "ba", 2],
  ])("%j to %j takes %d edits", (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance);
    expect(editDistance(b, a)).toBe(distance);
  });

  it("agrees with the textbook recursion", () => {
    const slow = (a: string, b: string): number => {
      if (a === "" || b === "") return a.length + b.length;
      if (a[0] === b[0]) return slow(a.slice(1), b.slice(1));
      return 1 + Math.min(slow(a.slice(1), b), slow(a, b.slice(1)), slow(a.slice(1), b.slice(1)));
    };
    const word = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 6 });
    fc.assert(fc.property(word, word, (a, b) => editDistance(a, b) === slow(a, b)));
  });
});

describe("nearestWord", () => {
  it.each([
    ["tensorRT", ["tensorrt", "cpu"], "tensorrt"],
    ["detction", ["classification", "detection", "segmentation"], "detection"],
    ["fial", ["fail", "file"], "fail"], // both are two edits away: the first wins
    ["gropus", ["groups", "group"], "groups"],
  ])("%j of %j is %j", (word, candidates, nearest) => {
    expect(nearestWord(word, candidates)).toBe(nearest);
  });

  it.each([
    ["onnx", ["detection", "classification"]],
    ["ab", ["cd"]], // nothing in common
    ["foo", ["yolo"]], // two letters of three
    ["x", ["y", ""]],
    ["", ["a"]],
    ["anything", []],
  ])("%j is near none of %j", (word, candidates) => {
    expect(nearestWord(word, candidates)).toBeUndefined();
  });

  it("is not held up by a name of a million letters", () => {
    const long = "a".repeat(1e6);
    expect(nearestWord(long, [`${long}b`])).toBeUndefined();
    expect(nearestWord("conv", [long, "convs"])).toBe("convs");
  });
});

describe("printable", () => {
  it.each([
    ["conv1/weight", "conv1/weight"],
    ["卷积 é 🙂", "卷积 é 🙂"],
    ["\u001b[31mred", "\\u{1b}[31mred"],
    ["a\nb\tc\0", "a\\u{a}b\\u{9}c\\u{0}"],
    ["\u202egnp.exe", "\\u{202e}gnp.exe"], // reads backwards
    ["zero\u200bwidth\ufeff", "zero\\u{200b}width\\u{feff}"],
    ["line\u2028break", "line\\u{2028}break"],
    ["lone \udc80 surrogate", "lone \\u{dc80} surrogate"],
  ])("%j becomes %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("cuts in the middle, and never through a character or an escape", () => {
    expect(printable("abcdefghij", 7)).toBe("abc…hij");
    expect(printable("abcdefghij", 10)).toBe("abcdefghij");
    expect(printable("a🙂bcdef🙂g", 6)).toBe("a…g"); // halves of two: a🙂 would take three
    expect(printable("ab\u001bcdefgh", 8)).toBe("ab…fgh");
  });

  it("never prints what it must not, never too long, and tells short texts apart", () => {
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 40 }), (raw, maxLength) => {
        const shown = printable(raw, maxLength);
        expect(shown).not.toMatch(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\u2028\u2029]/u);
        expect(shown.length).toBeLessThanOrEqual(maxLength);
        const undone = shown.replace(/\\u\{([0-9a-f]+)\}/g, (_, hex) =>
          String.fromCodePoint(Number.parseInt(hex, 16)),
        );
        if (!shown.includes("…") && !raw.includes("\\")) expect(undone).toBe(raw);
      }),
    );
  });

  it("looks only at the ends of a text too long to be escaped whole", () => {
    const bomb = "\u001b".repeat(2 ** 27); // escaped in full: 805 million characters, more than a string holds
    expect(printable(bomb, 30)).toBe("\\u{1b}\\u{1b}…\\u{1b}\\u{1b}");
  });
});

describe("count", () => {
  it.each([
    [0, "0 findings"],
    [1, "1 finding"],
    [2, "2 findings"],
  ])("%d", (n, text) => expect(count(n, "finding")).toBe(text));

  it("takes an irregular plural", () => {
    expect(count(2, "axis", "axes")).toBe("2 axes");
    expect(count(1, "axis", "axes")).toBe("1 axis");
  });
});
