import { linkSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { isSameFile } from "./same-file.js";

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
