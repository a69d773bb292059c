import { existsSync, readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { audit, audits, findPreset } from "../src/audits/index.js";
import { severityUnder } from "../src/audits/presets.js";
import { parseModel } from "../src/graph/index.js";
import type { TargetId, Task } from "../src/groups/index.js";

const folder = new URL("../src/audits/", import.meta.url);
const pages = new URL("../docs/audits/", import.meta.url);

/** Sources that define an audit; the rest of the folder is machinery. */
const auditFiles = readdirSync(folder)
  .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
  .filter((file) => /^export const \w+ = defineAudit\(/m.test(read(folder, file)))
  .map((file) => file.replace(/\.ts$/, ""));

const HEADINGS = [
  "## What it finds",
  "## Why it matters",
  "## Evidence",
  "## Example",
  "## How to mend it",
  "## When not to mind",
  "## Rows",
];
const LEVELS = ["specification", "runtime", "measured", "published", "heuristic", "disputed"];
const LAST_ROW = 26;

describe("the audits", () => {
  it("are the files of the folder, each listed once under the name of its file", () => {
    const ids = audits.map(({ id }) => id);
    expect([...ids].sort()).toEqual([...auditFiles].sort());
  });

  it("each have a page, and no page is left over", () => {
    const found = readdirSync(pages).map((file) => file.replace(/\.md$/, ""));
    expect(found.sort()).toEqual([...auditFiles].sort());
  });
});

describe.each(audits.map((rule) => ({ id: rule.id, rule })))("$id", ({ id, rule }) => {
  const messages = Object.entries(rule.messages);

  it("has a test that finds every message", () => {
    expect(existsSync(new URL(`${id}.test.ts`, folder))).toBe(true);
    const test = read(folder, `${id}.test.ts`);
    for (const [messageId] of messages) expect(test).toContain(`messageId: "${messageId}"`);
  });

  it("says what it is in words", () => {
    for (const words of [rule.title, rule.failureTitle, rule.why])
      expect(words).toMatch(/^[A-Z0-9].*\S$/);
    expect(rule.title).not.toBe(rule.failureTitle);
    expect(messages.length).toBeGreaterThan(0);
  });

  it("names rows of the table and facts, each once", () => {
    for (const row of rule.seedRows) {
      expect(row).toMatch(/^S[1-9]\d?$/);
      expect(Number(row.slice(1))).toBeLessThanOrEqual(LAST_ROW);
    }
    expect(new Set(rule.seedRows).size).toBe(rule.seedRows.length);
    expect(new Set(rule.needs).size).toBe(rule.needs.length);
    expect(rule.needs.length).toBeGreaterThan(0);
  });

  it.each(messages)("%s has words, evidence and a voice under golden-rules", (_, message) => {
    for (const words of [message.text, message.advice]) {
      expect(words.trim()).not.toBe("");
      expect(words.replace(/\{[a-zA-Z]\w*\}/g, "")).not.toMatch(/[{}]/); // every brace is a hole's
    }
    expect(LEVELS).toContain(message.evidence.level);
    expect(message.evidence.source.trim()).not.toBe("");
    if (rule.seedRows.length > 0) expect(message.golden).toBeDefined();
  });

  it("has a page with the headings of all pages, that names each message and how loud it is", () => {
    const page = read(pages, `${id}.md`);
    const headings = page.split("\n").filter((line) => /^##? /.test(line));
    expect(headings).toEqual([`# ${id}`, ...HEADINGS]);
    const finds = sectionOf(page, "## What it finds");
    for (const [messageId, message] of messages) {
      const line = finds.split("\n").find((candidate) => candidate.includes(`\`${messageId}\``));
      expect(line, `${messageId} under "What it finds"`).toBeDefined();
      const [recommended, golden] = (["recommended", "golden-rules"] as const).map((preset) =>
        severityUnder(preset, message).replace("off", "silent"),
      );
      expect(line).toContain(`${recommended} (\`recommended\`), ${golden} (\`golden-rules\`)`);
    }
    for (const row of rule.seedRows) expect(sectionOf(page, "## Rows")).toContain(row);
  });

  it("has an example on its page that says what it is said to say", async () => {
    const example = sectionOf(read(pages, `${id}.md`), "## Example");
    const [text] = /```text\n(.*?)```/s.exec(example)?.slice(1) ?? [];
    const command = /`groupconv audit net\.onnx(.*)`/.exec(example)?.[1] ?? "";
    const flag = (name: string) => new RegExp(`--${name} (\\S+)`).exec(command)?.[1];
    const result = await audit(parseModel(text), {
      preset: findPreset(flag("preset") ?? "recommended"),
      target: flag("target") as TargetId | undefined,
      task: flag("task") as Task | undefined,
    });
    const said = result.findings
      .filter((finding) => finding.audit === id)
      .flatMap(({ message, advice }) => [message, advice]);
    const quoted = example.split("\n").flatMap((line) => /^> (.*)/.exec(line)?.[1] ?? []);
    expect(quoted.length).toBeGreaterThan(0);
    for (const words of quoted)
      expect(
        said.some((one) => one.includes(words)),
        words,
      ).toBe(true);
  });
});

function read(base: URL, file: string): string {
  return readFileSync(new URL(file, base), "utf8");
}

function sectionOf(page: string, heading: string): string {
  return page.split(`${heading}\n`)[1]?.split(/^## /m)[0] ?? "";
}
