import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { FormatError } from "../util/errors.js";
import { crc32 } from "./crc32.js";
import { readZip } from "./zip.js";

interface Member {
  name?: string;
  content?: Uint8Array;
  /** What the file says where it does not say the truth. */
  flags?: number;
  method?: number;
  crc?: number;
  size?: number;
  packedSize?: number;
  localOffset?: number;
  packed?: Uint8Array;
}

const u16 = (n: number) => [n & 255, (n >> 8) & 255];
const u32 = (n: number) => [...u16(n & 0xffff), ...u16(n >>> 16)];

/** An archive written field by field, with whatever lies `members` tell. */
function archive(members: Member[], comment = ""): Uint8Array {
  const out: number[] = [];
  const directory: number[] = [];
  for (const member of members) {
    const { name = "a", content = new Uint8Array(0), flags = 0, method = 0 } = member;
    const packed =
      member.packed ?? (method === 8 ? new Uint8Array(deflateRawSync(content)) : content);
    const { crc = crc32(content), size = content.length, packedSize = packed.length } = member;
    const { localOffset = out.length } = member;
    const text = new TextEncoder().encode(name);
    const common = [
      ...u16(flags),
      ...u16(method),
      ...u32(0),
      ...u32(crc),
      ...u32(packedSize),
      ...u32(size),
    ];
    out.push(
      ...u32(0x04034b50),
      ...u16(20),
      ...common,
      ...u16(text.length),
      ...u16(0),
      ...text,
      ...packed,
    );
    directory.push(...u32(0x02014b50), ...u16(20), ...u16(20), ...common, ...u16(text.length));
    directory.push(
      ...u16(0),
      ...u16(0),
      ...u16(0),
      ...u16(0),
      ...u32(0),
      ...u32(localOffset),
      ...text,
    );
  }
  const n = members.length;
  const end = [
    ...u32(0x06054b50),
    ...u16(0),
    ...u16(0),
    ...u16(n),
    ...u16(n),
    ...u32(directory.length),
  ];
  const note = new TextEncoder().encode(comment);
  return Uint8Array.from([
    ...out,
    ...directory,
    ...end,
    ...u32(out.length),
    ...u16(note.length),
    ...note,
  ]);
}

const text = (words: string) => new TextEncoder().encode(words);
const fixture = (name: string) =>
  new Uint8Array(readFileSync(new URL(`fixtures/${name}`, import.meta.url)));
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const generous = 2 ** 30;

describe("readZip", () => {
  it("reads stored and deflated files in their order", () => {
    const long = text("groups ".repeat(5000));
    const files = readZip(
      archive([
        { name: "z", content: text("first") },
        { name: "a/ü", content: long, method: 8 },
        { name: "empty" },
      ]),
      generous,
    );
    expect([...files.keys()]).toEqual(["z", "a/ü", "empty"]);
    expect(files.get("z")).toEqual(text("first"));
    expect(files.get("a/ü")).toEqual(long);
    expect(files.get("empty")).toEqual(new Uint8Array(0));
  });

  it("reads an archive without files, and one with a comment", () => {
    expect(readZip(archive([]), generous).size).toBe(0);
    expect(
      readZip(archive([{ content: text("x") }], `PK\u0005\u0006${" or not".repeat(9)}`), generous)
        .size,
    ).toBe(1);
  });

  it("reads what Python's zipfile writes, in 32 and in 64 bits", () => {
    const [narrow, wide] = ["arrays.npz", "arrays-zip64.npz"].map((name) =>
      readZip(fixture(name), generous),
    );
    expect([...narrow.keys()]).toEqual(["weight.npy", "labels/训练.npy"]);
    expect(narrow).toEqual(wide);
  });
});

describe("hostile archives", () => {
  const bomb = new Uint8Array(1_000_000);
  const digits = text(Array.from({ length: 1000 }, (_, i) => i * i).join());

  it("an honest bomb is refused before it is unpacked", () => {
    const twice = archive([
      { name: "a", content: bomb, method: 8 },
      { name: "b", content: bomb, method: 8 },
    ]);
    expect(twice.length).toBeLessThan(3000);
    expect(readZip(twice, 2_000_000).size).toBe(2);
    expect(() => readZip(twice, 1_999_999)).toThrow(
      "zip: unpacked size=2000000 must be at most maxBytes=1999999",
    );
  });

  it.each<[string, Member, string]>([
    [
      "a bomb that lies",
      { content: bomb, method: 8, size: 10 },
      '"a" unpacks to more than size=10',
    ],
    [
      "a size beyond deflate",
      { content: text("x"), method: 8, size: 1e9 },
      '"a" cannot unpack 3 bytes to size',
    ],
    [
      "a size that is too large",
      { content: text("hello"), method: 8, size: 6 },
      "has 5 bytes, not size=6",
    ],
    [
      "a stored size that is too large",
      { content: text("x"), size: 2 },
      '"a" has 1 bytes, not size=2',
    ],
    ["a wrong checksum", { content: text("x"), crc: 1 }, '"a" does not match its checksum'],
    [
      "a wrong checksum of packed data",
      { content: text("x"), method: 8, crc: 1 },
      "does not match its checksum",
    ],
    [
      "no deflate stream",
      { packed: Uint8Array.of(7, 255, 255), method: 8, size: 9 },
      "cannot be unpacked",
    ],
    [
      "a deflate stream cut short",
      { packed: deflateRawSync(digits).subarray(0, 500), method: 8, size: digits.length },
      '"a" cannot be unpacked',
    ],
    ["an encrypted file", { content: text("x"), flags: 1 }, '"a" is encrypted'],
    [
      "another method",
      { content: text("x"), method: 14 },
      "is packed by method=14; only 0 and 8 are read",
    ],
    ["data beyond the end", { content: text("x"), packedSize: 90 }, "must stay within size="],
    [
      "more data than file",
      { content: text("x"), packedSize: 5000 },
      "files of 5000 packed bytes must fit",
    ],
    ["an offset beyond the end", { localOffset: 70_000 }, "must stay within size="],
    ["an offset to nowhere", { localOffset: 4 }, '"a" must start with its signature'],
    ["a name for the terminal", { name: "\u001b[2J", crc: 1 }, 'zip: "\\u{1b}[2J"'],
  ])("%s", (_, member, message) => {
    const bytes = archive([member]);
    expect(() => readZip(bytes, 2 ** 31)).toThrow(FormatError);
    expect(() => readZip(bytes, 2 ** 31)).toThrow(message);
  });

  it("many names for the same long stream of nothing", () => {
    const blocks = new Uint8Array(5000); // empty stored blocks, none of them the last
    for (let at = 0; at < blocks.length; at += 5) blocks.set([0, 0, 0, 255, 255], at);
    const members = Array.from({ length: 20 }, (_, i): Member => {
      const member = { name: `${i}`, method: 8, size: 0, packedSize: 5000, localOffset: 0 };
      return i === 0 ? { ...member, packed: blocks } : member;
    });
    expect(() => readZip(archive(members), generous)).toThrow(
      "files of 100000 packed bytes must fit in",
    );
  });

  it("a name that comes twice", () => {
    expect(() => readZip(archive([{ name: "x" }, { name: "x" }]), generous)).toThrow(
      '"x" is there twice',
    );
  });

  it("more entries than the directory holds", () => {
    const bytes = archive([{ name: "x" }]);
    bytes.set(u16(2), bytes.length - 12);
    expect(() => readZip(bytes, generous)).toThrow(
      "entry 1 of the directory must start with its signature",
    );
  });

  it.each([
    ["nothing", new Uint8Array(0)],
    ["text", text("not an archive, but long enough to be one")],
    ["an archive cut short", archive([{ content: text("hello") }]).subarray(0, -1)],
  ])("%s is no archive", (_, bytes) => {
    expect(() => readZip(bytes, generous)).toThrow("no end record");
  });

  it("a 64-bit record that points anywhere", () => {
    const bytes = fixture("arrays-zip64.npz");
    const at = bytes.length - 22 - 20 + 8;
    for (const [offset, message] of [
      [[0, 0, 0, 0, 0, 0, 0, 0], "the 64-bit end record must start with its signature"],
      [[255, 255, 255, 255, 255, 255, 255, 255], "must be whole numbers"],
      [[0, 0, 0, 0, 1, 0, 0, 0], "must stay within size="],
    ] as const) {
      const changed = bytes.slice();
      changed.set(offset, at);
      expect(() => readZip(changed, generous)).toThrow(message);
    }
  });

  it.each(["arrays.npz", "arrays-compressed.npz", "arrays-zip64.npz"])(
    "no changed byte of %s changes what is read, unless it is refused",
    (name) => {
      const bytes = fixture(name);
      const original = new Set([...readZip(bytes, generous).values()].map(hex));
      let refused = 0;
      for (let i = 0; i < bytes.length; i++) {
        for (const value of [0, 255, bytes[i] ^ 1, bytes[i] ^ 128]) {
          if (value === bytes[i]) continue;
          const changed = bytes.slice();
          changed[i] = value;
          try {
            // A name, a date or the number of entries may have changed, but no content.
            const read = [...readZip(changed, generous).values()].map(hex);
            expect(read.filter((content) => !original.has(content))).toEqual([]);
          } catch (error) {
            if (!(error instanceof FormatError)) throw error;
            refused++;
          }
        }
      }
      expect(refused).toBeGreaterThan(bytes.length);
    },
  );
});
