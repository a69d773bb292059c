import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, it } from "vitest";
import { displayWidth, shorten, wrap } from "./display-width.js";

describe("displayWidth", () => {
  it.each([
    ["", 0],
    ["conv1", 5],
    ["颈部/卷积", 9], // 2+2 +1+ 2+2
    ["ｃｏｎｖ", 8], // fullwidth letters
    ["e\u0301", 1], // e and an accent over it
    ["한글", 4],
    ["🚀", 2],
  ])("%j takes %d columns", (text, width) => expect(displayWidth(text)).toBe(width));

  it("measures every character as string-width does", () => {
    const differ: string[] = [];
    for (let code = 0x20; code <= 0x10ffff; code++) {
      const character = String.fromCodePoint(code);
      if (/\p{C}/u.test(character)) continue; // not printable
      if (displayWidth(character) !== stringWidth(character)) differ.push(code.toString(16));
    }
    expect(differ).toEqual([]);
  });
});

describe("shorten", () => {
  it.each([
    ["conv1", 5, "conv1"],
    ["backbone/stage1/conv", 10, "bac…1/conv"], // 3 + 1 + 6
    ["backbone/stage1/conv", 9, "ba…1/conv"], // 2 + 1 + 6
    ["颈部融合层卷积", 13, "颈部…合层卷积"], // 4 + 1 + 8
    ["颈部融合层卷积", 10, "颈…层卷积"], // 2 + 1 + 6: half a character does not exist
    ["conv", 1, "…"],
  ])("%j to %d columns is %j", (text, width, expected) =>
    expect(shorten(text, width)).toBe(expected),
  );

  it("never takes more room than it was given", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme" }),
        fc.integer({ min: 1, max: 30 }),
        (text, width) => {
          expect(displayWidth(shorten(text, width))).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});

describe("wrap", () => {
  it("breaks between words", () =>
    expect(wrap("the quick brown fox", 9)).toEqual(["the quick", "brown fox"]));
  it("breaks a word that fits on no line", () =>
    expect(wrap("see backbone/stage1", 8)).toEqual(["see", "backbone", "/stage1"]));
  it("breaks text without spaces where the line ends", () =>
    expect(wrap("颈部融合", 5)).toEqual(["颈部", "融合"]));
  it("gives one line for no text", () => expect(wrap("", 5)).toEqual([""]));
  it("ends even when a character is wider than the line", () =>
    expect(wrap("颈部", 1)).toEqual(["颈", "部"]));

  it("loses nothing but the spaces it breaks at", () => {
    const text = fc.string({ unit: fc.constantFrom(..."ab颈 ") });
    fc.assert(
      fc.property(text, fc.integer({ min: 2, max: 12 }), (text, width) => {
        const lines = wrap(text, width);
        expect(lines.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width);
      }),
    );
  });
});
