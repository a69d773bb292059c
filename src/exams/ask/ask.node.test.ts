import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../../../tests/support/temporary-folder.js";
import { parseModel } from "../../graph/index.js";
import { zeros } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { nodeTools, profile, sweepGroups } from "./ask.node.js";

const at = temporaryFolder();

/** 64 channels: dense, 16 groups, transposed. */
const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
net (float[N, 64, 12, 12] x, int64[1] shift) => (y)
  <float[64, 64, 3, 3] w, float[64, 4, 3, 3] v, float[64, 64, 1, 1] t> {
  [dense] a = Conv<pads = [1, 1, 1, 1]>(x, w)
  [act] r = Relu(a)
  [grouped] b = Conv<pads = [1, 1, 1, 1], group = 16>(r, v)
  [up] u = ConvTranspose(b, t)
  [cast] s = Cast<to = 1>(shift)
  [add] y = Add(u, s)
}`);

describe("profile", () => {
  it("sets every node under the ceilings of this machine", async () => {
    const section = await profile(model, {
      runs: 4,
      threads: 1,
      inputShapes: { x: [2, 64, 12, 12] },
    });
    expect(section.runs).toBe(4);
    const dense = section.nodes.find(({ layer }) => layer === "dense")!;
    expect(dense.nodes).toContain("act");
    expect(dense.macs).toBe(2 * 12 * 12 * 64 * 64 * 9);
    expect(dense.bound).toBe("compute");
    const cast = section.nodes.find(({ nodes }) => nodes.includes("cast"))!;
    expect(dense.ms.median).toBeGreaterThan(cast.ms.median); // 42 million against one
    expect(section.nodes[0].ms.median).toBe(Math.max(...section.nodes.map(({ ms }) => ms.median)));
    for (const { share, ceilingShare } of section.nodes) {
      expect(share).toBeGreaterThan(0);
      expect(ceilingShare).toBeGreaterThanOrEqual(0);
    }
    const { gigaflopsPerSecond, gigabytesPerSecond } = section.ceilings;
    for (const [best, spread] of [
      [gigaflopsPerSecond, section.ceilings.gigaflopsPerSecondSpread],
      [gigabytesPerSecond, section.ceilings.gigabytesPerSecondSpread],
    ] as const) {
      expect(spread.samples).toBeGreaterThanOrEqual(3);
      expect(spread.low).toBeGreaterThan(0);
      expect(spread.high).toBeLessThanOrEqual(best);
    }
    expect(gigaflopsPerSecond).toBeGreaterThan(0.1);
    expect(gigabytesPerSecond).toBeGreaterThan(0.01);
    expect(JSON.stringify(section)).not.toMatch(/null,"samples|NaN|Infinity/);
  });

  it("runs on the data it is given, and refuses a target without a profiler", async () => {
    const feeds = { x: zeros([1, 64, 12, 12]), shift: zeros([1], "int64") };
    const section = await profile(model, { runs: 3, feeds });
    expect(section.nodes.find(({ layer }) => layer === "dense")!.macs).toBe(12 * 12 * 64 * 64 * 9);
    await expect(profile(model, { target: "ort-wasm" })).rejects.toThrow(
      "profile: target=ort-wasm is a browser's, which has no profiler",
    );
  });
});

it.each([0, -1, 2.5, Number.NaN])("profile refuses runs=%d", async (runs) => {
  const options = { runs, inputShapes: { x: [1, 64, 12, 12] } };
  const refused = profile(model, options);
  await expect(refused).rejects.toThrow(UsageError);
  await expect(refused).rejects.toThrow(`profile: runs=${runs} must be a whole number from 1`);
});

describe("sweepGroups", () => {
  const options = {
    threads: 1,
    clock: "processor" as const,
    inputShapes: { x: [1, 64, 12, 12] },
  };

  it("times all counts of all layers once, and remembers", async () => {
    const cache = at("sweeps.jsonl");
    const seen: string[] = [];
    const section = await sweepGroups(model, {
      ...options,
      cache,
      budgetMs: 12_000,
      onProgress: ({ what }) => void seen.push(what),
    });
    expect(seen[0]).toMatch(/^3x3, 64 -> 64 channels, 12x12$/);
    expect(section.unswept).toEqual([]);
    expect(section.layers.map(({ name, groups }) => [name, groups])).toEqual([
      ["dense", 1],
      ["grouped", 16],
      ["up", 1],
    ]);
    for (const { counts, configuration } of section.configurations) {
      expect(counts.map(({ groups }) => groups)).toEqual([1, 2, 4, 8, 16, 32, 64]);
      for (const { ms } of counts) expect(ms.median).toBeGreaterThan(0);
      // 1/64 of the operations, by a kernel of its own: shorter on any machine
      if (configuration.op === "Conv")
        expect(counts[6].ms.median).toBeLessThan(counts[0].ms.median);
    }
    for (const { choices, groups } of section.layers)
      expect(choices.find(({ way }) => way === "keep")!.groups).toBe(groups);

    const kept = readFileSync(cache, "utf8").trim().split("\n").length;
    expect(kept).toBeGreaterThanOrEqual(section.configurations.length);
    const again = await sweepGroups(model, { ...options, cache, budgetMs: 1 });
    expect(again.configurations.map(({ fromCache }) => fromCache)).toEqual(
      section.configurations.map(() => true),
    );
    const other = await sweepGroups(model, { ...options, clock: "wall", cache, budgetMs: 1 });
    expect(other.configurations).toEqual([]); // another clock tells other times
  });

  it("can be given up, and looks at the layers it is told to", async () => {
    const abort = new AbortController();
    const given = sweepGroups(model, {
      ...options,
      cache: false,
      signal: abort.signal,
      onProgress: () => abort.abort(new Error("enough")),
    });
    await expect(given).rejects.toThrow("enough");
    const one = await sweepGroups(model, {
      ...options,
      cache: false,
      budgetMs: 1,
      layers: ["dense"],
    });
    expect(one.unswept.map(({ layer }) => layer)).toEqual(["dense"]);
    await expect(
      sweepGroups(model, { ...options, cache: false, layers: ["none"] }),
    ).rejects.toThrow('sweep: no convolution is called "none"');
    await expect(sweepGroups(model, { ...options, cache: false, budgetMs: 0 })).rejects.toThrow(
      UsageError,
    );
  });

  it("reads the processor's clock for one thread, and for no more", async () => {
    const told = { ...options, cache: false as const };
    const { layers } = await sweepGroups(model, { ...told, budgetMs: 2000, layers: ["grouped"] });
    expect(layers[0].choices).toHaveLength(7);
    await expect(sweepGroups(model, { ...told, threads: undefined })).rejects.toThrow(
      "clock=processor counts the work of all threads together; threads=default must be 1",
    );
  });

  it("refuses targets that are not there, in a sentence with the way out", async () => {
    const told = { ...options, cache: false as const };
    await expect(sweepGroups(model, { ...told, target: "ort-cup" as "ort-cpu" })).rejects.toThrow(
      /^target=ort-cup is none of ort-cpu, /,
    );
    await expect(sweepGroups(model, { ...told, browser: "/usr/bin/chromium" })).rejects.toThrow(
      "target=ort-cpu runs in no browser; browser is for ort-wasm and ort-webgpu",
    );
  });

  it("times on a graphics card, or says what the machine lacks", async () => {
    const told = { ...options, clock: "wall" as const, cache: false as const };
    const swept = sweepGroups(model, {
      ...told,
      target: "ort-cuda",
      budgetMs: 2000,
      layers: ["grouped"],
    });
    const [layer] = await swept.then(
      ({ layers }) => layers,
      (error: Error) => [error],
    );
    if (layer instanceof UsageError)
      expect(layer.message).toMatch(
        /^target=ort-cuda is not (in this ONNX Runtime|to be had on this machine: ONNX Runtime cannot load) /,
      );
    else expect(layer).toMatchObject({ path: "unknown", choices: { length: 7 } });
  });

  it("names the processor that times are kept by", () => {
    expect(nodeTools().processor!.cpu).not.toBe("");
    expect(nodeTools({ cache: false }).openStore).toBeUndefined();
  });
});
