import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../util/errors.js";
import { findTarget, TARGETS } from "./registry.js";
import { type ConvShape, TARGET_IDS, type TargetId } from "./target.js";

const conv = (inChannels: number, outChannels: number, groups: number): ConvShape => ({
  inChannels,
  outChannels,
  groups,
  kernel: [3, 3],
});

describe("targets", () => {
  /** In channels, out channels, groups, and what the cited source says of them. */
  const cases: Partial<Record<TargetId, [number, number, number, string][]>> = {
    "ort-cpu-int8": [
      [64, 64, 64, "depthwise"],
      [64, 128, 64, "slow"], // a multiplier of 2
      [64, 64, 4, "slow"],
    ],
    "ort-wasm": [[64, 64, 4, "unknown"]],
    "ort-webgpu": [
      [64, 64, 4, "slow"],
      [64, 64, 64, "slow"],
    ],
    cudnn: [
      [64, 64, 64, "depthwise"],
      [64, 64, 4, "slow"], // 16 per group
      [128, 128, 4, "unknown"], // 32 per group
    ],
    tensorrt: [[64, 64, 4, "unknown"]],
    "tensorrt-fp16": [[64, 64, 4, "unknown"]],
    "tensorrt-int8": [
      [24, 24, 12, "unsupported"], // 2 per group
      [24, 48, 6, "unknown"], // 4 in, 8 out
      [48, 24, 12, "unsupported"], // 4 in, 2 out
      [64, 64, 64, "unknown"],
    ],
    "tensorrt-fp8": [
      [64, 64, 2, "slow"],
      [64, 64, 64, "slow"],
    ],
    "tensorrt-dla": [
      [64, 64, 2, "unknown"],
      [16384, 16384, 16384, "unsupported"],
    ],
    onednn: [
      [64, 64, 8, "fast"], // 8 per group
      [64, 64, 16, "unknown"], // 4: AVX-512 only
      [64, 64, 32, "slow"], // 2
      [64, 64, 64, "depthwise"],
    ],
    xnnpack: [
      [64, 64, 64, "depthwise"],
      [64, 128, 64, "slow"],
      [64, 64, 4, "unknown"],
    ],
    tflite: [
      [64, 128, 64, "depthwise"],
      [64, 64, 4, "slow"],
    ],
    "fbgemm-int8": [
      [64, 64, 8, "fast"],
      [96, 96, 4, "slow"], // 24 per group
      [32, 64, 8, "slow"], // 4 in, 8 out
      [64, 64, 64, "depthwise"],
    ],
    coreml: [[64, 64, 4, "unknown"]],
    "apple-mps": [
      [24, 24, 12, "unsupported"],
      [24, 24, 6, "unknown"],
      [24, 24, 24, "depthwise"],
    ],
    "qualcomm-htp": [
      [128, 128, 4, "fast"],
      [64, 64, 4, "slow"],
      [64, 64, 64, "unknown"],
    ],
    webnn: [[64, 64, 4, "unknown"]],
  };

  for (const [id, rows] of Object.entries(cases))
    it.each(rows)(`${id}: %d -> %d in %d groups is %s`, (i, o, groups, path) => {
      expect(findTarget(id).predict(conv(i, o, groups)).path).toBe(path);
    });

  it("has a documented case for every target but ort-cpu, which is checked against the runtime", () => {
    expect(TARGET_IDS.filter((id) => !(id in cases))).toEqual(["ort-cpu"]);
  });

  it("lets AVX-512 take groups of 4 in oneDNN, and AVX2 not", () => {
    const narrow = conv(64, 64, 16);
    expect(TARGETS.onednn.predict(narrow, { blockSize: 16 }).path).toBe("fast");
    expect(TARGETS.onednn.predict(narrow, { blockSize: 8 }).path).toBe("slow");
  });

  it("knows that WebGPU has no groups in three dimensions", () => {
    const volume = { ...conv(64, 64, 4), kernel: [3, 3, 3] };
    expect(TARGETS["ort-webgpu"].predict(volume).path).toBe("unsupported");
    expect(TARGETS["ort-webgpu"].predict({ ...volume, groups: 1 }).path).toBe("fast");
  });

  it("knows wrong results of WebGPU alone", () => {
    const known = TARGET_IDS.filter((id) => TARGETS[id].miscomputation !== null);
    expect(known).toEqual(["ort-webgpu"]);
  });

  it("refuses grouped transposed convolutions on DLA, and any in int8 ONNX", () => {
    const transposed = { ...conv(64, 64, 2), op: "ConvTranspose" } as const;
    expect(TARGETS["tensorrt-dla"].predict(transposed).path).toBe("unsupported");
    expect(TARGETS["tensorrt-dla"].predict({ ...transposed, groups: 1 }).path).toBe("fast");
    expect(TARGETS["ort-cpu-int8"].predict(transposed).path).toBe("unsupported");
  });

  it.each(TARGET_IDS)("%s: runs dense, and gives a reason and a source for every answer", (id) => {
    const target = TARGETS[id];
    const small = fc.integer({ min: 1, max: 16 });
    fc.assert(
      fc.property(small, small, small, (i, o, groups) => {
        const prediction = target.predict(conv(i * groups, o * groups, groups));
        expect(prediction.reason).not.toBe("");
        expect(prediction.evidence.source).not.toBe("");
        if (groups === 1) expect(prediction.path).not.toBe("unsupported");
      }),
    );
    expect(target.id).toBe(id);
  });

  it.each(TARGET_IDS)("%s: calls what no runtime can run unsupported", (id) => {
    const { path, reason, evidence } = TARGETS[id].predict(conv(64, 64, 12));
    expect(path).toBe("unsupported");
    expect(reason).toContain("groups=12 must divide inChannels=64");
    expect(evidence.level).toBe("specification");
  });

  it("keeps the seed's TensorRT rule as a disputed preference (S12)", () => {
    const [rule] = TARGETS.tensorrt.preferences;
    expect(rule.evidence.level).toBe("disputed");
    expect(rule.seedRows).toEqual(["S12"]);
    const counts = [1, 2, 3, 12, 16, 32];
    expect(counts.filter((groups) => rule.holds(conv(96, 96, groups)))).toEqual([1, 2, 16]);
  });
});

describe("findTarget", () => {
  it("names the nearest id", () => {
    expect(() => findTarget("tensorrt-int16")).toThrow(UsageError);
    expect(() => findTarget("tensorr")).toThrow("did you mean tensorrt?");
  });

  it("is not fooled by names every object has", () => {
    expect(() => findTarget("constructor")).toThrow('target="constructor" must be one of ort-cpu');
  });
});
