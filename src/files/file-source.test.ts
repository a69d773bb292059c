import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { FormatError } from "../util/errors.js";
import { fileSource } from "./file-source.js";

const at = temporaryFolder();

it("reads pieces, and refuses what lies outside", async () => {
  writeFileSync(at("bytes"), Uint8Array.of(1, 2, 3, 4));
  const source = fileSource(at("bytes"));
  expect(source.size).toBe(4);
  expect([...(await source.read(1, 2))]).toEqual([2, 3]);
  expect([...(await source.read(4, 0))]).toEqual([]);
  await expect(source.read(3, 2)).rejects.toThrow("must stay within size=4 bytes");
  source.close();
});

it("reads past 4 GiB, where offsets of 32 bits come round", async () => {
  const size = 2 ** 32 + 1000;
  const descriptor = openSync(at("large"), "w");
  ftruncateSync(descriptor, size); // sparse: takes no room
  writeSync(descriptor, Uint8Array.of(1, 2), 0, 2, 500); // where 2^32 + 500 would land
  writeSync(descriptor, Uint8Array.of(7, 8), 0, 2, 2 ** 32 + 500);
  closeSync(descriptor);
  const source = fileSource(at("large"));
  expect(source.size).toBe(size);
  expect([...(await source.read(2 ** 32 + 499, 4))]).toEqual([0, 7, 8, 0]);
  expect([...(await source.read(499, 4))]).toEqual([0, 1, 2, 0]);
  await expect(source.read(2 ** 32, 1001)).rejects.toThrow(FormatError);
  source.close();
});

describe("what cannot be opened is said in one sentence with the path", () => {
  it.each([
    ["nothing", "no such file", () => {}, "there is no such file"],
    ["a folder", "folder", (path: string) => mkdirSync(path), "it is a folder"],
    [
      "a pipe, without waiting for its writer",
      "pipe",
      (path: string) => execFileSync("mkfifo", [path]),
      "it is no regular file",
    ],
    [
      "a link to itself",
      "loop",
      (path: string) => symlinkSync(path, path),
      "its links go round in a circle",
    ],
    [
      "a link to nothing",
      "dangling",
      (path: string) => symlinkSync(at("gone"), path),
      "there is no such file",
    ],
  ])("%s", (_, name, make, reason) => {
    make(at(name));
    expect(() => fileSource(at(name))).toThrow(
      new FormatError(`cannot read "${at(name)}": ${reason}`),
    );
  });

  it("a path through a file", () => {
    writeFileSync(at("file"), "");
    expect(() => fileSource(at("file", "below"))).toThrow("a part of its path is no folder");
  });

  it("a name with a terminal escape, shown harmless", () => {
    expect(() => fileSource(at("\u001b[31m.onnx"))).toThrow("\\u{1b}[31m.onnx");
  });
});

describe("a file that changes while it is open", () => {
  it.each([
    ["grows", (path: string) => appendFileSync(path, "more")],
    ["shrinks", (path: string) => truncateSync(path, 2)],
  ])("and %s is not read as if it were the old one", async (_, change) => {
    writeFileSync(at("file"), "1234");
    const source = fileSource(at("file"));
    change(at("file"));
    await expect(source.read(0, 2)).rejects.toThrow(
      new FormatError(`cannot read "${at("file")}": it was changed since it was opened`),
    );
    source.close();
  });

  it("keeps its old content when another takes its name", async () => {
    writeFileSync(at("file"), "1234");
    const source = fileSource(at("file"));
    writeFileSync(at("new"), "abcd");
    execFileSync("mv", [at("new"), at("file")]);
    expect(Buffer.from(await source.read(0, 4)).toString()).toBe("1234");
    source.close();
  });
});

it("closes once, and is not read through a number that another file may have got", async () => {
  writeFileSync(at("a"), "aaaa");
  writeFileSync(at("b"), "bbbb");
  const a = fileSource(at("a"));
  a.close();
  const b = fileSource(at("b")); // gets the descriptor that is free now
  a.close();
  await expect(a.read(0, 4)).rejects.toThrow("it was closed before");
  expect(Buffer.from(await b.read(0, 4)).toString()).toBe("bbbb");
  b.close();
});

it("tells one file by two paths from another file with the same content", () => {
  writeFileSync(at("a"), "1");
  writeFileSync(at("b"), "1");
  symlinkSync(at("a"), at("link"));
  const [a, b, link] = ["a", "b", "link"].map((name) => fileSource(at(name)));
  expect(link.identity).toBe(a.identity);
  expect(b.identity).not.toBe(a.identity);
  for (const source of [a, b, link]) source.close();
});
