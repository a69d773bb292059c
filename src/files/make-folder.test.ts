import { existsSync, statSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { makeFolder } from "./make-folder.js";

const at = temporaryFolder();

it("makes a folder and those that it lies in, once", () => {
  for (const _ of [1, 2]) makeFolder(at("a", "b", "c"));
  expect(statSync(at("a", "b", "c")).isDirectory()).toBe(true);
});

it("ends where a file is in the way", () => {
  writeFileSync(at("file"), "");
  expect(() => makeFolder(at("file", "folder"))).toThrow(/EEXIST/);
});

// Node's own recursive mkdir does not come back from here.
it.runIf(existsSync("/proc/self"))("ends where no folder can be made", () => {
  expect(() => makeFolder("/proc/groupconv/folder")).toThrow(/ENOENT/);
});
