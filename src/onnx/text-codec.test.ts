import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { decodeText, encodeText, isText } from "./text-codec.js";

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const isUtf8 = (bytes: Uint8Array) => {
  try {
    utf8.decode(bytes);
    return true;
  } catch {
    return false;
  }
};

/** Bytes near UTF-8: sequences, sequences cut short, overlong ones, surrogates, any byte. */
const nearText = fc
  .array(
    fc.oneof(
      fc.string({ unit: "binary", maxLength: 4 }).map((text) => [...Buffer.from(text)]),
      fc.constantFrom(
        [0xc0, 0xaf],
        [0xe0, 0x9f, 0xbf],
        [0xed, 0xa0, 0x80],
        [0xf4, 0x90, 0x80, 0x80],
      ),
      fc.array(fc.integer({ min: 0x7e, max: 0xff }), { maxLength: 4 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => Uint8Array.from(parts.flat()));

it.each([
  ["conv1.weight", "conv1.weight"],
  ["", ""],
  ["é 卷 🙂", "é 卷 🙂"],
  ["\ufeffbom stays", "\ufeffbom stays"],
])("text is text: %j", (text, decoded) => {
  expect(decodeText(Buffer.from(text))).toBe(decoded);
  expect(encodeText(decoded)).toEqual(new Uint8Array(Buffer.from(text)));
});

it.each([
  [[0x61, 0xff, 0x62], "a\udcffb"],
  [[0xc3], "\udcc3"], // cut short
  [[0xc0, 0xaf], "\udcc0\udcaf"], // overlong "/"
  [[0xed, 0xb2, 0x80], "\udced\udcb2\udc80"], // an encoded surrogate, U+DC80
  [[0xf0, 0x9f, 0x99, 0x82, 0x80], "🙂\udc80"], // after a pair, whose second half is a low surrogate
])("bytes %j that are no text become surrogates", (bytes, decoded) => {
  expect(decodeText(Uint8Array.from(bytes))).toBe(decoded);
  expect([...encodeText(decoded)]).toEqual(bytes);
  expect(isText(Uint8Array.from(bytes))).toBe(false);
});

describe("any bytes", () => {
  it("come back as they were", () => {
    const bytes = fc.oneof(nearText, fc.uint8Array({ maxLength: 100 }));
    fc.assert(
      fc.property(bytes, (data) => {
        expect(encodeText(decodeText(data))).toEqual(data);
      }),
      { numRuns: 2000 },
    );
  });

  it("are told from text as the platform's strict decoder does, and decoded like it", () => {
    fc.assert(
      fc.property(nearText, (data) => {
        expect(isText(data)).toBe(isUtf8(data));
        if (isUtf8(data)) expect(decodeText(data)).toBe(utf8.decode(data));
      }),
      { numRuns: 2000 },
    );
  });
});

it("surrogates of no meaning are written as the platform writes them", () => {
  expect(encodeText("a\ud800b")).toEqual(new TextEncoder().encode("a\ud800b"));
});

it("megabytes that are no text take time in proportion", async () => {
  const ratio = await growth(2 ** 16, (size) => {
    const bytes = Uint8Array.from({ length: size }, (_, i) => (i % 3 === 0 ? 0xff : 0x61));
    return () => encodeText(decodeText(bytes));
  });
  expect(ratio).toBeLessThan(LINEAR);
});
