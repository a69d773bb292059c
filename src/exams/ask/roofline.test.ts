import { describe, expect, it } from "vitest";
import { survey } from "../../analysis/index.js";
import { parseModel } from "../../graph/index.js";
import type { RunProfile, TracedNode } from "../../runtime/index.js";
import { spreadOf } from "../../util/statistics.js";
import { noiseOf } from "./compare.js";
import { roofline, speedOf } from "./roofline.js";

const ceilings = {
  gigaflopsPerSecond: 100,
  gigabytesPerSecond: 10,
  gigaflopsPerSecondSpread: spreadOf([100, 90, 80]),
  gigabytesPerSecondSpread: spreadOf([10, 8]),
};

describe("speedOf", () => {
  it("measures against the nearer ceiling", () => {
    // 50 MMAC are 0.1 GFLOP, 1 ms at best; 1 MB is 0.1 ms at best; it takes 2 ms
    const computing = speedOf(50e6, 1e6, 2, ceilings);
    expect(computing).toMatchObject({ bound: "compute", intensity: 100 });
    expect(computing.gigaflopsPerSecond).toBeCloseTo(50, 9);
    expect(computing.gigabytesPerSecond).toBeCloseTo(0.5, 9);
    expect(computing.ceilingShare).toBeCloseTo(0.5, 9);
    // 0.5 MMAC take 0.01 ms at best, 4 MB 0.4 ms: intensity 0.25 is left of the ridge at 10
    const moving = speedOf(0.5e6, 4e6, 0.8, ceilings);
    expect(moving).toMatchObject({ bound: "memory", intensity: 0.25 });
    expect(moving.ceilingShare).toBeCloseTo(0.5, 9);
    // a time below what the profiler can tell: as if it were a microsecond, 4 kB of 10
    expect(speedOf(0, 4000, 0, ceilings)).toMatchObject({ gigabytesPerSecond: 4, bound: "memory" });
    expect(speedOf(0, 4000, 0, ceilings).ceilingShare).toBeCloseTo(0.4, 9);
    expect(speedOf(0, 0, 0, ceilings)).toMatchObject({ intensity: 0, ceilingShare: 0 });
  });
});

describe("roofline", () => {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
  net (float[1, 8, 4, 4] x) => (y) <float[8, 4, 3, 3] w, float[4, 6] k> {
    [conv] c = Conv<group = 2, pads = [1, 1, 1, 1]>(x, w)
    [act] r = Relu(c)
    [product] y = MatMul(r, k)
  }`);
  const optimised = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
  net (float[1, 8, 4, 4] x) => (y) <float[8, 4, 3, 3] w, float[4, 6] k> {
    [fused] r = com.microsoft.FusedConv(x, w)
    [product] y = MatMul(r, k)
  }`);
  const traced = (name: string, op: string, ms: number[], shapes: number[][]): TracedNode => ({
    name,
    op,
    provider: "CPUExecutionProvider",
    inputShapes: [shapes[0]],
    outputShapes: [shapes[1]],
    dataBytes: 1000,
    ms,
  });
  const profile: RunProfile = {
    nodes: [
      traced(
        "product",
        "MatMul",
        [1, 1, 1],
        [
          [1, 8, 4, 4],
          [1, 8, 4, 6],
        ],
      ),
      traced(
        "fused",
        "FusedConv",
        [3, 3, 9],
        [
          [1, 8, 4, 4],
          [1, 8, 4, 4],
        ],
      ),
    ],
    wholeMs: [5, 5, 11],
    plainMs: [4.5, 4.25, 10.5],
    profilerMs: [0.002, 0.003, 0.0025],
    sessions: [0, 0, 0],
    optimised,
  };

  it("lists what ran by its time, with the layers it stands for", async () => {
    const { convolutions } = await survey(model);
    const section = roofline(model, convolutions, profile, ceilings);
    expect(section).toMatchObject({ runs: 3, ceilings });
    expect(section.nodes.map(({ name, nodes, layer }) => ({ name, nodes, layer }))).toEqual([
      { name: "fused", nodes: ["act", "conv"], layer: "conv" },
      { name: "product", nodes: ["product"], layer: null },
    ]);
    const [fused, product] = section.nodes;
    expect(fused).toMatchObject({ ms: { median: 3, samples: 3 }, share: 0.75 });
    expect(fused.macs).toBe(4 * 4 * 8 * 4 * 9);
    expect(product.macs).toBe(8 * 4 * 6 * 4);
    expect(product.bytes).toBe(1000 + 4 * 4 * 6); // the weight is read, too
  });

  it("says how far the nodes are from the whole, and how far they may be", async () => {
    const section = roofline(model, [], profile, ceilings);
    // sums 4, 4, 10 of 4.5, 4.25, 10.5: 0.5, 0.25 and 0.5 are left
    expect(section.wholeMs.median).toBe(4.5);
    expect(section.nodeSumMs.median).toBe(4);
    expect(section.unexplainedMs).toEqual({ median: 0.5, low: 0.375, high: 0.5, samples: 3 });
    // of so few runs the whole range, and what the profiler takes of each of two nodes may be off, too
    expect(section.noiseMs).toBeCloseTo(0.25 + 2 * noiseOf(profile.profilerMs), 12);
    expect(noiseOf(profile.profilerMs)).toBeGreaterThanOrEqual(0.001);
  });

  it("takes the noise from how the sessions differ, where there are several", () => {
    const sessions = [0, 0, 1];
    const section = roofline(model, [], { ...profile, sessions }, ceilings);
    // 0.5 and 0.25 are left in the first, 0.5 in the second
    expect(section.sessions).toBe(2);
    expect(section.unexplainedMs).toMatchObject({ median: (0.375 + 0.5) / 2, samples: 2 });
    expect(section.noiseMs).toBeCloseTo(0.5 + 2 * noiseOf(profile.profilerMs), 12); // of two all there is
  });
});
