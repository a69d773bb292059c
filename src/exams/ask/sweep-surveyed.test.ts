import { expect, it } from "vitest";
import { survey } from "../../analysis/index.js";
import { parseModel } from "../../graph/index.js";
import { RuntimeError } from "../../util/errors.js";
import type { OpenBench } from "./bench.js";
import { sweepSurveyed } from "./sweep-surveyed.js";

const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
net (float[1, 4, 8, 8] x) => (y) <float[4, 2, 3, 3] w, float[4, 4, 3, 3] v> {
  [grouped] a = Conv<pads = [1, 1, 1, 1], group = 2>(x, w)
  [dense] y = Conv<pads = [1, 1, 1, 1]>(a, v)
}`);

/** A browser without a browser: every count takes 4 ms a group less, and two groups come out wrong. */
async function sweep(adapter: string | null) {
  let isClosed = false;
  const bench: OpenBench = {
    isLost: false,
    runtime: { runtime: "1.30.0", browser: "Chromium 147", adapter },
    async open(_, groups) {
      if (groups === 2) throw new RuntimeError("it computes 1 where the processor computes 2");
      return { time: async () => 4 / groups, close: async () => {} };
    },
    fixedTime: async () => null,
    close: async () => {
      isClosed = true;
    },
  };
  const warnings: string[] = [];
  const swept = await sweepSurveyed(await survey(model), {
    target: "ort-webgpu",
    openBrowserBench: async () => bench,
    onWarning: (sentence) => warnings.push(sentence),
  });
  return { ...swept, warnings, isClosed };
}

it("tells layers whose own count has no time from those that have one", async () => {
  const { machine, sweep: section, isClosed } = await sweep("nvidia ada");
  expect(machine).toMatchObject({ target: "ort-webgpu", adapter: "nvidia ada", clock: "wall" });
  const [{ counts, refused }] = section.configurations;
  expect(counts.map(({ groups }) => groups)).toEqual([1, 4]);
  expect(refused).toEqual([{ groups: 2, reason: "it computes 1 where the processor computes 2" }]);
  expect(section.layers.map(({ name, fastest }) => [name, fastest])).toEqual([["dense", 4]]);
  expect(section.unswept).toEqual([
    { layer: "grouped", reason: "groups=2: it computes 1 where the processor computes 2" },
  ]);
  expect(isClosed).toBe(true);
});

it("warns where a program stands in for the graphics card", async () => {
  expect((await sweep("google swiftshader")).warnings).toEqual([
    "ort-webgpu runs on google swiftshader here, a program on the processor: no time of it is one of a graphics card",
  ]);
  expect((await sweep("nvidia ada")).warnings).toEqual([]);
});
