import { existsSync, readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { survey } from "../../analysis/index.js";
import { parseModel } from "../../graph/index.js";
import { zeros } from "../../tensor/index.js";
import type { ExamContext, Step } from "../exam.js";
import { type AskOptions, ask } from "./ask.js";

const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
net (float[1, 8, 4, 4] x) => (y) <float[8, 2, 1, 1] w> { [conv] y = Conv<group = 4>(x, w) }`);

async function examine(tools: AskOptions) {
  const steps: Step[] = [];
  const context: ExamContext = {
    survey: await survey(model),
    data: {
      summary: {
        source: "zeros",
        synthetic: true,
        seed: 0,
        samples: 1,
        inputs: [],
        skipped: [],
        leftOver: 0,
      },
      inputShapes: {},
      batchCount: 1,
      heldBytes: 0,
      batch: async () => ({ x: zeros([1, 8, 4, 4]) }),
    },
    memoryBytes: 2 ** 30,
    signal: new AbortController().signal,
    progress: async (step) => void steps.push(step),
  };
  return { ...(await ask.run(context, tools)), steps };
}

it("sweeps where there is no profiler, and says what is missing", async () => {
  let ended = 0;
  const { section, checks, notes, steps } = await examine({
    budgetMs: 1500,
    announce: (warn) => ({
      look: () => warn("somebody else is at it"),
      end: () => void ended++,
    }),
  });
  expect(section.profile).toBeNull();
  expect(section.sweep.layers.map(({ name }) => name)).toEqual(["conv"]);
  expect(section.sweep.configurations[0].counts.map(({ groups }) => groups)).toEqual([1, 2, 4, 8]);
  expect(section.sweep.configurations[0].fixedMs).toBeNull();
  expect(notes).toContain("this runtime has no profiler: no times of single nodes");
  expect(notes).toContain("somebody else is at it");
  expect(ended).toBe(1);
  expect(checks.map(({ row }) => row.id)).toEqual([
    "slower-than-dense",
    "cheaper-groups",
    "off-fast-path",
  ]);
  expect(steps[0].what).toBe("profile");
  expect(steps.some(({ what }) => /^1x1, 8 -> 8 channels, 4x4, \d s left$/.test(what))).toBe(true);
  expect(JSON.parse(JSON.stringify(section))).toEqual(section);
});

it("does not call for a longer budget where the rounds ended before it", async () => {
  const restless = {
    isLost: false,
    runtime: { runtime: "1", browser: null, adapter: null },
    close: async () => {},
    fixedTime: async () => null,
    async open(_: unknown, groups: number) {
      let round = 0;
      return {
        time: async () => (groups === 1 ? 1 + (round++ % 2) : 1.5), // ahead, behind
        close: async () => {},
      };
    },
  };
  const tools = { target: "ort-wasm", openBrowserBench: async () => restless } as const;
  const early = await examine({ ...tools, budgetMs: 60_000 });
  expect(early.notes).toContain(
    "1 ranking of 1 not settled in up to 240 rounds, though time was left: it takes a quieter machine",
  );
});

it("has a page for the exam and for each of its checks", async () => {
  const { checks } = await examine({ budgetMs: 1 });
  const pages = new URL("../../../docs/exams/", import.meta.url);
  for (const id of ["ask", ...checks.map(({ row }) => row.id)])
    expect(existsSync(new URL(`${id}.md`, pages)), id).toBe(true);
  const files = readdirSync(new URL(".", import.meta.url));
  for (const { row } of checks) expect(files).toContain(`${row.id}.ts`);
});
