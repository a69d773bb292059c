import { describe, expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { Rng } from "../tensor/index.js";
import { VERSION } from "../util/version.js";
import { type ExamProgress, examine } from "./examine.js";
import { tensorData } from "./tensor-data.js";

const model = () =>
  parseModel(
    `net (float[N, 4, 8, 8] x) => (y) <float[8, 4, 1, 1] w> { [conv] a = Conv(x, w) y = Relu(a) }`,
  );
const data = (samples = 6) =>
  tensorData(model(), new Rng(1).normal([samples, 4, 8, 8]), { batchSize: 2 });

it("reports data, exams, sections, checks and findings, as JSON", async () => {
  const report = await examine(model(), await data(), { exams: ["look"], name: "net.onnx" });
  expect(report).toMatchObject({
    schemaVersion: 1,
    tool: { name: "groupconv", version: VERSION },
    model: "net.onnx",
    data: { samples: 6, synthetic: false },
    exams: [{ id: "look", status: "done", reason: null }],
    sections: { look: { passes: 1, skipped: [] } },
  });
  expect(report.checks.map(({ id }) => id)).toContain("dead-channels");
  expect(JSON.parse(JSON.stringify(report))).toEqual(report);
});

it("says how far it is, and never goes back", async () => {
  const steps: ExamProgress[] = [];
  await examine(model(), await data(), { exams: ["look"], onProgress: (step) => steps.push(step) });
  expect(steps.map(({ done, total }) => `${done}/${total}`)).toEqual(["0/3", "1/3", "2/3", "3/3"]);
  expect(steps.every(({ exam, what }) => exam === "look" && what === "1 layer")).toBe(true);
});

it("is given up between two runs", async () => {
  const controller = new AbortController();
  const reason = new Error("enough");
  let steps = 0;
  const running = examine(model(), await data(), {
    exams: ["look"],
    signal: controller.signal,
    onProgress: () => {
      if (++steps === 2) controller.abort(reason);
    },
  });
  await expect(running).rejects.toBe(reason);
  expect(steps).toBe(2);
});

describe("what is refused", () => {
  it.each([
    [{ exams: ["lok"] }, 'exam="lok" is none of'],
    [{ exams: [] }, "no exam was asked for"],
    [{ memoryBytes: 1000 }, "memoryBytes=1000 must be at least 1048576"],
    [{ memoryBytes: Number.NaN }, "memoryBytes=NaN"],
  ])("%j", async (options, message) => {
    await expect(examine(model(), await data(), options as never)).rejects.toThrow(message);
  });

  it("a layer that does not fit into the memory is left out, and the report says so", async () => {
    const wide = parseModel(`net (float[N, 4, 8, 8] x) => (y)
      <float[512, 4, 1, 1] w, float[8, 512, 1, 1] v> { [wide] a = Conv(x, w) [narrow] y = Conv(a, v) }`);
    const report = await examine(wide, await data(), { exams: ["look"], memoryBytes: 2 ** 20 });
    expect(report.sections.look!.layers.map(({ name }) => name)).toEqual(["narrow"]);
    expect(report.notes[0]).toMatch(
      /^look: wide was left out: looking at it takes \d+ bytes, which must be at most memoryBytes=1048576$/,
    );
  });
});
