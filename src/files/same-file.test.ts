import { linkSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { isSameFile, liesWithin } from "./same-file.js";

const at = temporaryFolder();

it("knows a file by every name it has", () => {
  for (const name of ["file", "other"]) writeFileSync(at(name), "x");
  symlinkSync("file", at("link"));
  linkSync(at("file"), at("hard"));
  const same = ["file", "link", "hard", "./none/../file", "other", "none"].map((name) =>
    isSameFile(at("file"), at(name)),
  );
  expect(same).toEqual([true, true, true, true, false, false]);
  expect(isSameFile(at("none"), at("none"))).toBe(false);
});

it("knows what lies in a folder", () => {
  mkdirSync(at("folder", "deep"), { recursive: true });
  for (const path of ["folder/file", "folder/deep/file", "folder/..file", "beside"])
    writeFileSync(at(path), "x");
  symlinkSync("folder", at("link"));
  symlinkSync("folder/file", at("in"));
  const within = ["folder/file", "link/deep/file", "folder/..file", "in", "beside", "folder"];
  expect(within.map((path) => liesWithin(at(path), at("folder")))).toEqual([
    ...[true, true, true, true],
    ...[false, false],
  ]);
  expect(liesWithin(at("folder/new"), at("folder"))).toBe(false); // nothing is there to be lost
});
