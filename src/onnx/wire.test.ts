import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WIRE, WireReader } from "./wire.js";

/** Seven bits a byte, the lowest first, the highest bit of a byte saying that more follow. */
function varint(value: bigint): number[] {
  const rest = BigInt.asUintN(64, value);
  return rest < 128n ? [Number(rest)] : [Number(rest & 127n) | 128, ...varint(rest >> 7n)];
}

const reader = (bytes: readonly number[]) => new WireReader(Uint8Array.from(bytes));
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });

describe("numbers", () => {
  it.each([
    [[0], 0],
    [[0x7f], 127],
    [[0x80, 0x01], 128],
    [[0xac, 0x02], 300], // 0b10_0101100: protobuf's own example
    [[0x80, 0x00], 0], // longer than it need be
    [[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f], Number.MAX_SAFE_INTEGER],
  ])("%j is %d", (bytes, value) => {
    for (const method of ["unsigned", "signed"] as const) {
      const read = reader([...bytes, 0x55]);
      expect(read[method]()).toBe(value);
      expect(read.pos).toBe(bytes.length);
    }
  });

  it("signed ones of 64 bits are exact, as a number where that can be", () => {
    fc.assert(
      fc.property(int64, (value) => {
        const read = reader(varint(value)).signed();
        expect(BigInt(read)).toBe(value);
        expect(typeof read).toBe(Number.isSafeInteger(Number(value)) ? "number" : "bigint");
      }),
    );
  });

  it("of 32 bits are the lowest 32 of 64", () => {
    fc.assert(
      fc.property(int64, (value) => {
        expect(reader(varint(value)).signed32()).toBe(Number(BigInt.asIntN(32, value)));
      }),
    );
    expect(reader([0xff, 0xff, 0xff, 0xff, 0x0f]).signed32()).toBe(-1); // in five bytes
  });

  it("unsigned ones of 64 bits come close", () => {
    expect(reader(varint(2n ** 64n - 1n)).unsigned()).toBe(2 ** 64);
    expect(reader(varint(2n ** 63n)).unsigned()).toBe(2 ** 63);
  });

  it("floats are of 32 bits, little-endian, from anywhere in a buffer", () => {
    const bytes = new Uint8Array(12);
    new DataView(bytes.buffer).setFloat32(6, -0.1, true);
    const read = new WireReader(bytes.subarray(3));
    read.pos = 3;
    expect(read.float()).toBe(Math.fround(-0.1));
    expect(read.pos).toBe(7);
  });
});

describe("what is cut short or too long is refused", () => {
  it.each<[string, readonly number[], (r: WireReader) => unknown, string]>([
    ["a number", [0x80], (r) => r.unsigned(), "a number is cut short"],
    ["nothing", [], (r) => r.signed(), "a number is cut short"],
    ["a long number", Array(11).fill(0x80), (r) => r.unsigned(), "takes more than 10 bytes"],
    ["a float", [1, 2, 3], (r) => r.float(), "4 bytes are announced, 3 are left"],
    ["fixed64", [1], (r) => r.skip(WIRE.fixed64), "8 bytes are announced, 1 are left"],
    ["fixed32", [], (r) => r.skip(WIRE.fixed32), "4 bytes are announced, 0 are left"],
    ["bytes", [5, 1, 2], (r) => r.skip(WIRE.delimited), "5 bytes are announced, 2 are left"],
    ["huge bytes", varint(2n ** 63n), (r) => r.skip(WIRE.delimited), "bytes are announced, 0"],
    ["a group", [1], (r) => r.skip(3), "wire type 3 is not in use"],
    ["field 0", [0x02], (r) => r.tag(), "no field begins here (tag=2)"],
    ["a tag over 32 bits", varint(2n ** 32n), (r) => r.tag(), "no field begins here"],
  ])("%s", (_, bytes, act, message) => {
    expect(() => act(reader(bytes))).toThrow(message);
  });
});

it.each([
  [WIRE.varint, [0x80, 0x80, 0x01], 3],
  [WIRE.fixed32, [1, 2, 3, 4], 4],
  [WIRE.fixed64, [1, 2, 3, 4, 5, 6, 7, 8], 8],
  [WIRE.delimited, [2, 9, 9], 3],
])("skip passes over wire type %d", (wire, bytes, length) => {
  const read = reader([...bytes, 0x55]);
  read.skip(wire);
  expect(read.pos).toBe(length);
});
