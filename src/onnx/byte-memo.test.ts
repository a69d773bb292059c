import fc from "fast-check";
import { expect, it } from "vitest";
import { ByteMemo } from "./byte-memo.js";

const hexOf = (bytes: Uint8Array) => (start: number, length: number) =>
  Buffer.from(bytes.subarray(start, start + length)).toString("hex");

it("gives what is made of the bytes, whatever came before", () => {
  const bytes = fc.uint8Array({ max: 3, minLength: 1, maxLength: 2000 });
  fc.assert(
    fc.property(bytes, fc.infiniteStream(fc.nat()), (data, numbers) => {
      const make = hexOf(data);
      const memo = new ByteMemo(data, make);
      const below = (end: number) => numbers.next().value! % end;
      for (let i = 0; i < 200; i++) {
        const start = below(data.length);
        const length = below(Math.min(300, data.length - start + 1));
        expect(memo.get(start, length)).toBe(make(start, length));
      }
    }),
    { numRuns: 50 },
  );
});

it("makes equal stretches once, and keeps apart those that share a slot", () => {
  const bytes = Uint8Array.from({ length: 512 }, (_, i) => i % 256); // each byte twice
  const made: number[] = [];
  const memo = new ByteMemo(bytes, (start) => {
    made.push(start);
    return { byte: bytes[start] };
  });
  expect(memo.get(7, 1)).toBe(memo.get(263, 1));
  expect(made).toEqual([7]);
  for (let at = 0; at < 512; at++) expect(memo.get(at, 1)).toEqual({ byte: at % 256 }); // 64 slots
});
