import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/** The architecture as a test: a folder imports only from a lower floor; docs/layout.md has the picture. */
const FLOORS: Readonly<Record<string, number>> = {
  util: 0,
  groups: 1,
  tensor: 1,
  graph: 2,
  regroup: 2,
  onnx: 3,
  ops: 3,
  files: 4,
  runtime: 4,
  autodiff: 4,
  analysis: 5,
  nn: 5,
  exams: 6,
  surgery: 6,
  train: 6,
  audits: 7,
  plan: 7,
  report: 8,
  cli: 10,
};
/** The entry points stand between the library and the command line. */
const ENTRY_FLOOR = 9;

const src = fileURLToPath(new URL("../src", import.meta.url));

interface Import {
  readonly from: string;
  readonly to: string;
}

const files = readdirSync(src, { recursive: true, encoding: "utf8" })
  .filter((file) => file.endsWith(".ts") && !/\.(test|cases)\.ts$/.test(file))
  .map((file) => normalize(file));

function importsOf(file: string): string[] {
  const text = readFileSync(join(src, file), "utf8");
  const statements = text.matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^;]*?from\s*"([^"]+)"|\bimport\(\s*"([^"]+)"\s*\)|(?:^|\n)import\s+"([^"]+)"/g,
  );
  return [...statements].map((match) => match[1] ?? match[2] ?? match[3]);
}

function folderOf(file: string): string {
  return file.includes("/") ? file.split("/")[0] : "";
}

function floorOf(file: string): number {
  const folder = folderOf(file);
  return folder === "" ? ENTRY_FLOOR : FLOORS[folder];
}

const internal: Import[] = files.flatMap((file) =>
  importsOf(file)
    .filter((target) => target.startsWith(".") && !target.endsWith(".json")) // data stands on no floor
    .map((target) => ({
      from: file,
      to: relative(src, join(src, dirname(file), target)).replace(/\.js$/, ".ts"),
    })),
);

describe("the house", () => {
  it("has a floor for every folder", () => {
    const folders = new Set(files.map(folderOf).filter((folder) => folder !== ""));
    expect([...folders].filter((folder) => FLOORS[folder] === undefined)).toEqual([]);
  });

  it("sees the imports it shall judge", () => {
    expect(internal).toContainEqual({ from: "onnx/read.ts", to: "graph/index.ts" });
    expect(internal.filter(({ to }) => !files.includes(to))).toEqual([]);
  });

  it("imports only downwards, never sideways", () => {
    const wrong = internal.filter(
      ({ from, to }) => folderOf(from) !== folderOf(to) && floorOf(to) >= floorOf(from),
    );
    expect(wrong).toEqual([]);
  });

  it("enters a folder by its index, or by a file of Node's own", () => {
    const wrong = internal.filter(({ from, to }) => {
      if (folderOf(from) === folderOf(to) || folderOf(to) === "" || folderOf(to) === "util")
        return false;
      // Types of results are all that a renderer knows; the audits and exams behind them it does not.
      if (["audits/result.ts", "exams/report.ts"].includes(to)) return false;
      return !to.endsWith("/index.ts") && !to.endsWith(".node.ts");
    });
    expect(wrong).toEqual([]);
  });

  it("has no circle of imports", () => {
    const targets = new Map<string, string[]>();
    for (const { from, to } of internal) targets.set(from, [...(targets.get(from) ?? []), to]);
    const done = new Set<string>();
    const path: string[] = [];
    const circles: string[][] = [];
    const visit = (file: string) => {
      if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file]);
      if (done.has(file) || path.includes(file)) return;
      path.push(file);
      for (const target of targets.get(file) ?? []) visit(target);
      path.pop();
      done.add(file);
    };
    for (const file of files) visit(file);
    // Graph, Node, Value and Attribute are one idea in four files; their circle is of types alone.
    expect(circles.filter((circle) => !circle.every((file) => file.startsWith("graph/")))).toEqual(
      [],
    );
  });

  it("needs Node only where it says so", () => {
    const wrong = files.filter((file) => {
      const allowed = ["files", "cli"].includes(folderOf(file)) || file.endsWith(".node.ts");
      return !allowed && importsOf(file).some((target) => target.startsWith("node:"));
    });
    expect(wrong).toEqual([]);
  });

  it("keeps Node out of what the browser's entry point reaches", () => {
    const reached = new Set<string>(["index.ts", "nn/index.ts", "exams/index.ts"]);
    for (const file of reached)
      for (const { from, to } of internal) if (from === file) reached.add(to);
    const wrong = [...reached].filter((file) =>
      importsOf(file).some((target) => target.startsWith("node:")),
    );
    expect(wrong).toEqual([]);
    expect(reached.size).toBeGreaterThan(50);
  });
});
