import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../../tests/support/temporary-folder.js";
import { RunningSweeps } from "./running-sweeps.node.js";

const at = temporaryFolder();
const MINUTE = 60_000;

it("warns each of two sweeps of the other, once", async () => {
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  try {
    const warnings: string[] = [];
    const ours = new RunningSweeps(at("locks"), (text) => warnings.push(`ours: ${text}`));
    ours.look();
    expect(warnings).toEqual([]);
    const theirs = new RunningSweeps(
      at("locks"),
      (text) => warnings.push(`theirs: ${text}`),
      other.pid,
    );
    theirs.look();
    const later = Date.now() + MINUTE;
    ours.look(later);
    ours.look(later + MINUTE);
    expect(warnings).toEqual([
      expect.stringMatching(`^theirs: another sweep .* \\(process ${process.pid}\\): both`),
      expect.stringMatching(`^ours: another sweep .* \\(process ${other.pid}\\): both`),
    ]);
    theirs.end();
    ours.end();
    expect(readdirSync(at("locks"))).toEqual([]);
  } finally {
    other.kill();
    await once(other, "exit");
  }
});

it("takes away what dead and stale sweeps left", async () => {
  const dead = spawn(process.execPath, ["-e", ""]);
  await once(dead, "exit");
  writeFileSync(at(`sweep-${dead.pid}.lock`), "");
  writeFileSync(at("sweep-1.lock"), ""); // a process that lives, and shows no sign of sweeping
  utimesSync(at("sweep-1.lock"), 0, 0);
  const warnings: string[] = [];
  const sweeps = new RunningSweeps(at(), (text) => warnings.push(text));
  sweeps.look();
  sweeps.end();
  expect(warnings).toEqual([]);
  expect(readdirSync(at())).toEqual([]);
});

it("measures all the same where no file can be left", () => {
  writeFileSync(at("file"), "");
  const sweeps = new RunningSweeps(at("file", "locks"), () => {});
  sweeps.look();
  sweeps.end();
  expect(existsSync(at("file"))).toBe(true);
});
