import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { checks as listenChecks } from "../src/exams/listen/checks/index.js";
import { checks as lookChecks } from "../src/exams/look/checks/index.js";

const exams = { look: lookChecks, listen: listenChecks };
const pages = new URL("../docs/exams/", import.meta.url);
const read = (url: URL) => readFileSync(url, "utf8");

const HEADINGS = [
  "## What it finds",
  "## Why it matters",
  "## Evidence",
  "## How to mend it",
  "## When not to mind",
  "## Rows",
];

describe.each(Object.entries(exams))("the checks of %s", (exam, checks) => {
  const folder = new URL(`../src/exams/${exam}/checks/`, import.meta.url);

  it("are the files of the folder, each listed once under the name of its file", () => {
    const files = readdirSync(folder)
      .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
      .filter((file) => /^export const \w+ = defineCheck</m.test(read(new URL(file, folder))))
      .map((file) => file.replace(/\.ts$/, ""));
    expect(checks.map(({ id }) => id).sort()).toEqual(files.sort());
  });

  it.each(checks.map((check) => [check.id, check] as const))(
    "%s has a page, and a test that finds every message",
    (id, check) => {
      const page = read(new URL(`${id}.md`, pages));
      const headings = page.split("\n").filter((line) => line.startsWith("## "));
      expect(headings).toEqual(HEADINGS);
      expect(page.trim().endsWith(check.seedRows.join(", "))).toBe(true);
      const test = new URL(`${id}.test.ts`, folder);
      expect(existsSync(test)).toBe(true);
      for (const [message, { severity }] of Object.entries(check.messages)) {
        expect(read(test)).toContain(`"${message}"`);
        expect(page).toContain(`\`${message}\`, ${severity}.`);
      }
    },
  );
});
