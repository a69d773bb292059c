import { execFileSync } from "node:child_process";
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../tests/support/temporary-folder.js";
import { UsageError } from "../../util/errors.js";
import type { MachineSummary } from "./section.js";
import { fileStore, optionalStore } from "./sweep-store.node.js";

const at = temporaryFolder();
const machine: MachineSummary = {
  cpu: "abacus",
  cores: 2,
  threads: 1,
  runtime: "1.30.0",
  target: "ort-wasm",
  browser: "Chromium 147.0.7727.0",
  adapter: null,
  clock: "wall",
};
const FIXED = { ms: 0.25, spread: { median: 0.3, low: 0.25, high: 0.5, samples: 4 } };
const timings = (ms: number) => ({
  groups: [1, 2],
  refused: [],
  rounds: [[ms, 2 * ms]],
  fixed: null,
});

it("gives back the last that was kept, by machine, runtime, threads and configuration", async () => {
  const path = at("new", "folder", "sweeps.jsonl");
  const store = fileStore(path, machine);
  expect(await store.load("3x3")).toBeNull();
  await store.save("3x3", timings(1));
  await store.save("5x5", { ...timings(2), refused: [{ groups: 4, reason: "it cannot" }] });
  await store.save("3x3", { ...timings(3), fixed: FIXED });
  expect(await store.load("3x3")).toEqual({ ...timings(3), fixed: FIXED });

  const later = fileStore(path, machine);
  expect(await later.load("3x3")).toMatchObject({ ...timings(3), fixed: FIXED });
  expect(await later.load("5x5")).toMatchObject({
    ...timings(2),
    refused: [{ groups: 4, reason: "it cannot" }],
  });
  for (const other of [
    { cpu: "slide rule" },
    { cores: 4 },
    { threads: 2 },
    { runtime: "1.31.0" },
    { target: "ort-cpu" },
    { browser: "Chromium 148.0.1.0" },
    { adapter: "google swiftshader" },
    { clock: "processor" as const },
  ])
    expect(await fileStore(path, { ...machine, ...other }).load("3x3")).toBeNull();
});

it("loses no more than the line that was being written, whenever it is killed", async () => {
  const whole = at("whole.jsonl");
  const store = fileStore(whole, machine);
  await store.save("a", timings(1));
  const first = readFileSync(whole).length;
  await store.save("b", timings(2));
  const bytes = readFileSync(whole);
  for (let length = first; length <= bytes.length; length++) {
    const path = at(`cut-${length}.jsonl`);
    writeFileSync(path, bytes.subarray(0, length));
    const cut = fileStore(path, machine);
    expect(await cut.load("a")).toMatchObject(timings(1));
    const b = await cut.load("b");
    if (b) expect(b).toMatchObject(timings(2));
    await cut.save("c", timings(3)); // on a line of its own
    const again = fileStore(path, machine);
    expect(await again.load("a")).toMatchObject(timings(1));
    expect(await again.load("c")).toMatchObject(timings(3));
  }
});

it("passes over what is none of ours", async () => {
  const path = at("sweeps.jsonl");
  const store = fileStore(path, machine);
  await store.save("a", timings(1));
  const line = JSON.parse(readFileSync(path, "utf8"));
  for (const wrong of [
    { ...line, version: line.version + 1, configuration: "b" },
    { ...line, configuration: "b", rounds: [[1]] }, // one time for two counts
    { ...line, configuration: "b", rounds: [] },
    { ...line, configuration: "b", rounds: [["1", "2"]] },
    "text",
  ])
    appendFileSync(path, `${JSON.stringify(wrong)}\n`);
  appendFileSync(path, "\u0000\u0000\n");
  const read = fileStore(path, machine);
  expect(await read.load("a")).toMatchObject(timings(1));
  expect(await read.load("b")).toBeNull();
});

it("says when the file cannot be used", async () => {
  mkdirSync(at("folder"));
  await expect(fileStore(at("folder"), machine).load("a")).rejects.toThrow(UsageError);
  execFileSync("mkfifo", [at("pipe")]);
  await expect(fileStore(at("pipe"), machine).load("a")).rejects.toThrow(/it is no file$/);
  await expect(fileStore(at("folder"), machine).load("a")).rejects.toThrow(
    /cannot read the timings in ".*folder": it is no file/,
  );
});

it("does without a store that cannot be used, and warns once", async () => {
  writeFileSync(at("file"), "not ours");
  const warnings: string[] = [];
  const store = optionalStore(fileStore(at("file", "sweeps.jsonl"), machine), (sentence) =>
    warnings.push(sentence),
  );
  expect(await store.load("a")).toBeNull();
  await store.save("a", timings(1));
  expect(await store.load("a")).toBeNull();
  expect(warnings).toEqual([
    expect.stringMatching(/^cannot read the timings in .* will time again what this one does$/),
  ]);
  expect(readFileSync(at("file"), "utf8")).toBe("not ours");
});

it("does without a store that can be read and not written", async () => {
  const warnings: string[] = [];
  const inner = fileStore(at("none", "sweeps.jsonl"), machine);
  const store = optionalStore(inner, (sentence) => warnings.push(sentence));
  expect(await store.load("a")).toBeNull();
  writeFileSync(at("none"), ""); // where its folder would be
  await store.save("a", timings(1));
  expect(warnings).toEqual([expect.stringMatching(/^cannot keep timings in /)]);
});
