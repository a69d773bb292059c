import { execFileSync } from "node:child_process";
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { UsageError } from "../util/errors.js";
import { checkWritable, isStream, stageFile, writeFileAtomic } from "./write-file.js";

const at = temporaryFolder();

describe("writeFileAtomic", () => {
  it("writes text and bytes, replacing a file whole", async () => {
    writeFileSync(at("report"), "a much longer text than the new one");
    await writeFileAtomic(at("report"), "neu é 🙂");
    expect(readFileSync(at("report"), "utf8")).toBe("neu é 🙂");
    await writeFileAtomic(at("report"), Uint8Array.of(0, 255));
    expect([...readFileSync(at("report"))]).toEqual([0, 255]);
    expect(readdirSync(at())).toEqual(["report"]);
  });

  it("keeps the permissions of what it replaces", async () => {
    writeFileSync(at("secret"), "old");
    chmodSync(at("secret"), 0o600);
    await writeFileAtomic(at("secret"), "new");
    expect(statSync(at("secret")).mode & 0o777).toBe(0o600);
  });

  it("writes through a link, which stays one", async () => {
    mkdirSync(at("elsewhere"));
    writeFileSync(at("elsewhere", "file"), "old");
    symlinkSync(at("elsewhere", "file"), at("link"));
    await writeFileAtomic(at("link"), "new");
    expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
    expect(readFileSync(at("elsewhere", "file"), "utf8")).toBe("new");
  });

  it.each([
    ["a folder that is not there", ["none", "file"], "its folder does not exist"],
    ["a path through a file", ["file", "below"], "its folder does not exist"],
    ["a folder's name", ["folder"], "it is a folder"],
    ["a name too long", ["x".repeat(300)], "its name is too long"],
  ])("says in one sentence that it cannot write to %s", async (_, parts, reason) => {
    writeFileSync(at("file"), "kept");
    mkdirSync(at("folder"));
    const error = await writeFileAtomic(at(...parts), "x").catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(/^cannot write "[^"]*": /);
    expect(error.message).toContain(reason);
    expect(readdirSync(at()).sort()).toEqual(["file", "folder"]);
    expect(readFileSync(at("file"), "utf8")).toBe("kept");
  });
});

it("a link to a file that is yet to be stays one", async () => {
  mkdirSync(at("folder"));
  symlinkSync("folder/new", at("first"));
  symlinkSync("first", at("link"));
  checkWritable(at("link"));
  await writeFileAtomic(at("link"), "written");
  expect(readFileSync(at("folder", "new"), "utf8")).toBe("written");
  expect([lstatSync(at("link")), lstatSync(at("first"))].map((s) => s.isSymbolicLink())).toEqual([
    true,
    true,
  ]);
  symlinkSync("b", at("a"));
  symlinkSync("a", at("b"));
  await writeFileAtomic(at("a"), "no way round"); // leads nowhere: it is replaced as any file
  expect(readFileSync(at("a"), "utf8")).toBe("no way round");
  symlinkSync("none/new", at("lost"));
  expect(() => checkWritable(at("lost"))).toThrow("its folder does not exist");
});

describe("what is no file", () => {
  it.runIf(process.platform !== "win32")("is written into, and stays what it is", async () => {
    execFileSync("mkfifo", [at("pipe")]);
    checkWritable(at("pipe"));
    const read = readFile(at("pipe"), "utf8"); // opening a pipe waits for the other side
    await writeFileAtomic(at("pipe"), "through");
    expect(await read).toBe("through");
    expect(statSync(at("pipe")).isFIFO()).toBe(true);
    await expect(stageFile(at("pipe"), [], { overwrite: true })).rejects.toThrow(
      /cannot write ".*pipe": it is a device or a pipe$/,
    );
    expect(readdirSync(at())).toEqual(["pipe"]);
  });

  it("is a device, a pipe or what a program has open, and no file in a folder of such", () => {
    const paths = [
      "/dev/null",
      "/dev/stdout",
      "/dev/fd/1",
      "/proc/self/fd/2",
      "/dev/../dev/stderr",
    ];
    expect(paths.map(isStream)).toEqual(paths.map(() => true));
    const others = ["/dev/shm/report.html", "/dev/shm", at("report"), at()];
    expect(others.map(isStream)).toEqual(others.map(() => false));
  });
});

describe("checkWritable", () => {
  it.each([
    ["a folder that is not there", ["none", "file"], "its folder does not exist"],
    ["a path through a file", ["file", "below"], "its folder does not exist"],
    ["a folder's name", ["folder"], "it is a folder"],
  ])("says what writing would say of %s", async (_, parts, reason) => {
    writeFileSync(at("file"), "kept");
    mkdirSync(at("folder"));
    const error = await writeFileAtomic(at(...parts), "x").catch((thrown) => thrown);
    expect(() => checkWritable(at(...parts))).toThrow(UsageError);
    expect(() => checkWritable(at(...parts))).toThrow(error.message);
    expect(error.message).toContain(reason);
  });

  it("lets new files and old ones be, and touches nothing", () => {
    writeFileSync(at("file"), "kept");
    checkWritable(at("file"));
    checkWritable(at("new"));
    expect(readdirSync(at())).toEqual(["file"]);
  });
});

describe("stageFile", () => {
  const bytes = [Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)];

  it("shows nothing under the name before it is committed, and all of it after", async () => {
    const staged = await stageFile(at("file"), bytes, { overwrite: false });
    expect(readdirSync(at())).not.toContain("file");
    staged.commit();
    expect(readdirSync(at())).toEqual(["file"]);
    expect([...readFileSync(at("file"))]).toEqual([1, 2, 3]);
    staged.discard();
    expect(readdirSync(at())).toEqual(["file"]);
  });

  it("leaves nothing when it is discarded", async () => {
    const staged = await stageFile(at("file"), bytes, { overwrite: false });
    staged.discard();
    expect(readdirSync(at())).toEqual([]);
  });

  it("leaves nothing when a piece fails, and passes the reason on", async () => {
    async function* torn() {
      yield Uint8Array.of(1);
      throw new Error("torn away");
    }
    const staging = stageFile(at("file"), torn(), { overwrite: false });
    await expect(staging).rejects.toThrow(new Error("torn away"));
    expect(readdirSync(at())).toEqual([]);
  });

  it("does not take a name that was taken meanwhile", async () => {
    const staged = await stageFile(at("file"), bytes, { overwrite: false });
    writeFileSync(at("file"), "first");
    expect(() => staged.commit()).toThrow(
      new UsageError(`cannot write "${at("file")}": it exists already`),
    );
    expect(readFileSync(at("file"), "utf8")).toBe("first");
    expect(readdirSync(at())).toEqual(["file"]);
  });
});
