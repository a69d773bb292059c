import { existsSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Model } from "../graph/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { zeros } from "../tensor/index.js";
import { RuntimeError } from "../util/errors.js";
import { probeBlockSize } from "./block-size.js";
import { readOptimisedGraph } from "./optimised-graph.node.js";

describe("probeBlockSize", () => {
  it("finds the width of this processor's vectors, as the system tells it", async () => {
    const size = await probeBlockSize(readOptimisedGraph);
    const flags = existsSync("/proc/cpuinfo") ? readFileSync("/proc/cpuinfo", "utf8") : "";
    const isX86 = process.arch === "x64";
    if (isX86 && /\bavx512f\b/.test(flags)) expect(size).toBe(16);
    else if (isX86 && /\bavx2?\b/.test(flags)) expect(size).toBe(8);
    else expect([1, 8, 16]).toContain(size);
  });

  it("is the smallest group that runs blocked", async () => {
    expect(await probeBlockSize(async () => withBlockedGroups([32, 4, 8]))).toBe(4);
  });

  it("is 1 where nothing runs blocked", async () => {
    expect(await probeBlockSize(async () => withBlockedGroups([]))).toBe(1);
    expect(await probeBlockSize(async (source) => source as Model)).toBe(1); // nothing optimised
  });

  it("asks once", async () => {
    let asked = 0;
    const reader = async () => {
      asked++;
      return withBlockedGroups([8]);
    };
    expect(await Promise.all([probeBlockSize(reader), probeBlockSize(reader)])).toEqual([8, 8]);
    expect(await probeBlockSize(reader)).toBe(8);
    expect(asked).toBe(1);
  });

  it("asks again after a failure", async () => {
    let asked = 0;
    const reader = async () => {
      if (++asked === 1) throw new RuntimeError("no space left");
      return withBlockedGroups([16]);
    };
    await expect(probeBlockSize(reader)).rejects.toThrow("no space left");
    expect(await probeBlockSize(reader)).toBe(16);
  });
});

/** What a runtime might make of the probe: a blocked convolution for each of these group widths. */
function withBlockedGroups(sizes: readonly number[]): Model {
  const model = newModel("optimised");
  const b = new GraphBuilder(model.graph);
  for (const size of sizes) {
    const x = b.input(`x${size}`, [1, 2 * size, 4, 4]);
    const weight = b.constant(zeros([2 * size, size, 1, 1]));
    b.ops("Conv", [x, weight], { group: 2 }, 1, "com.microsoft.nchwc");
  }
  return model;
}
