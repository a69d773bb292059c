import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ShapeError, UsageError } from "../util/errors.js";
import { type ChooseGroupsOptions, chooseGroups } from "./advise.js";
import { POLICY_NAMES } from "./policies/policy.js";
import { STAGES, TASKS } from "./policies/scene.js";
import { TARGET_IDS } from "./targets/target.js";

const recommend = (options: ChooseGroupsOptions) => chooseGroups(options).recommended.groups;
const square = (channels: number) => ({ inChannels: channels, outChannels: channels });

describe("chooseGroups", () => {
  it("lists every valid count with its cost, dense first", () => {
    const { candidates } = chooseGroups({ inChannels: 8, outChannels: 12, kernel: 3, size: 10 });
    // 8 * 12 * 9 = 864 weights, used at 100 pixels; 1, 2, 4 divide both
    expect(candidates.map(({ groups, params, macs }) => [groups, params, macs])).toEqual([
      [1, 864, 86_400],
      [2, 432, 43_200],
      [4, 216, 21_600],
    ]);
    expect(candidates[2]).toMatchObject({
      channelsPerGroup: 2,
      outChannelsPerGroup: 3,
      paramsRatio: 0.25,
      macsRatio: 0.25,
      path: null,
    });
  });

  it("speaks against counts that the target computes wrong", () => {
    const { candidates } = chooseGroups({ ...square(24), target: "ort-webgpu" });
    const isWarned = ({ reasons }: (typeof candidates)[number]) =>
      reasons.some(
        ({ stance, text }) => stance === "against" && text.includes("computes it wrong"),
      );
    expect(candidates.filter(isWarned).map(({ groups }) => groups)).toEqual([4]); // 6 outputs each
  });

  it("counts the bias when asked, and no multiply-accumulates without a size", () => {
    const [dense, , four] = chooseGroups({ ...square(4), kernel: 1, bias: true }).candidates;
    expect([dense.params, four.params, four.paramsRatio]).toEqual([20, 8, 0.4]); // 16 + 4, 4 + 4
    expect([four.macs, four.macsRatio]).toEqual([null, 0.25]);
  });

  it("infers the policy from what it is told", () => {
    const policy = (options: Partial<ChooseGroupsOptions>) =>
      chooseGroups({ ...square(64), ...options }).policy.policy;
    expect(policy({})).toBe("channels-per-group");
    expect(policy({ stage: "deep" })).toBe("progressive");
    expect(policy({ depth: 0.5 })).toBe("progressive");
    expect(policy({ role: "body" })).toBe("template");
    expect(policy({ role: "neck" })).toBe("scene");
    expect(policy({ role: "neck", task: "detection" })).toBe("scene");
    expect(policy({ task: "classification", heads: 8 })).toBe("attention-heads");
    expect(policy({ task: "classification", policy: "smart" })).toBe("smart");
  });

  it("takes the stage from the depth, which in segmentation goes down and up", () => {
    const at = (depth: number) =>
      recommend({ ...square(256), task: "segmentation", role: "decoder", depth });
    expect([0.55, 0.75, 0.95].map(at)).toEqual([8, 4, 2]);
    expect(recommend({ ...square(256), task: "classification", depth: 0.9 })).toBe(16);
  });

  it.each(POLICY_NAMES)("answers for the policy %s", (policy) => {
    const advice = chooseGroups({
      ...square(64),
      policy,
      task: "detection",
      role: "head",
      heads: 4,
      depth: 1,
    });
    expect(advice.policy.policy).toBe(policy);
    expect(advice.recommended.reasons.some(({ text }) => text === advice.policy.reason)).toBe(true);
  });

  it.each([
    [64, 64],
    [128, 256],
    [512, 512],
  ])("gives 16 for the seed's %d -> %d", (inChannels, outChannels) => {
    expect(recommend({ inChannels, outChannels, policy: "smart" })).toBe(16);
  });

  it("gives 1 for 1:2 with the expansion guard", () => {
    const layer = { inChannels: 128, outChannels: 256, policy: "smart" } as const;
    expect(recommend({ ...layer, expansionGuard: true })).toBe(1);
  });

  it("moves to the nearest count the target runs well, and says why", () => {
    const advice = chooseGroups({
      ...square(64),
      policy: "smart",
      target: "ort-cpu",
      machine: { blockSize: 16 },
    });
    expect(advice.policy.groups).toBe(16); // 4 per group
    expect(advice.recommended.groups).toBe(4); // 16 per group
    expect(advice.explanation).toBe(
      "the largest of 1, 2, 4, 8, 16 that divides both channel counts and is at most a quarter of the smaller (16); " +
        "ONNX Runtime, CPU, float32 calls groups=16 slow (4 channels per group, not a multiple of the block of 16), " +
        "so groups=4",
    );
    const avx2 = { ...square(64), policy: "smart", target: "ort-cpu" } as const;
    expect(recommend({ ...avx2, machine: { blockSize: 8 } })).toBe(8);
  });

  it("keeps dense rather than a slow path, and names what that gives up", () => {
    const advice = chooseGroups({ ...square(40), policy: "smart", target: "ort-cpu" });
    expect(advice.recommended.groups).toBe(1); // 5 channels in each of the wanted 8
    expect(advice.notes).toEqual([
      "groups=8 would do 1/8 of the work on another path: measure it before ruling it out",
    ]);
  });

  it("respects the channels per group a target likes where it documents no path", () => {
    // int8 allows multiples of 4; 32 gain more: 256 / 32 = 8
    const advice = chooseGroups({ ...square(256), policy: "smart", target: "tensorrt-int8" });
    expect(advice.recommended.groups).toBe(8);
    expect(advice.explanation).toContain("likes at least 32 channels per group, in multiples of 4");
    expect(recommend({ ...square(256), target: "tensorrt-int8" })).toBe(8);
  });

  it("keeps one group an attention head wherever that runs", () => {
    const layer = { ...square(96), heads: 12 };
    expect(recommend(layer)).toBe(12);
    const slow = chooseGroups({ ...layer, target: "ort-cpu", machine: { blockSize: 16 } });
    expect(slow.recommended.groups).toBe(12);
    expect(slow.notes[0]).toContain("calls groups=12 slow: 8 channels per group");
    expect(recommend({ ...square(24), heads: 12, target: "tensorrt-int8" })).toBe(1); // 2 per group: unsupported
  });

  it("keeps one group a head where the target computes it wrong, and says so first", () => {
    // 24 outputs in 4 groups: 6 in each, no multiple of the 4 side by side
    const { recommended, notes } = chooseGroups({ ...square(24), heads: 4, target: "ort-webgpu" });
    expect([recommended.groups, recommended.miscomputed]).toEqual([4, expect.any(String)]);
    expect(notes[0]).toBe(
      "ONNX Runtime Web, WebGPU computes groups=4 wrong: 6 outputs per group are no multiple of the 4 that it " +
        "computes at once, from the inputs of one group; take another count, or set preferredLayout to " +
        '"NCHW" for the provider webgpu, where it comes out right',
    );
    const right = chooseGroups({ ...square(32), heads: 4, target: "ort-webgpu" });
    expect([right.recommended.groups, right.recommended.miscomputed]).toEqual([4, null]);
    expect(right.notes.join()).not.toContain("wrong");
  });

  it("leaves a count that the target computes wrong, and does not send anyone to measure it", () => {
    const layer = { policy: "lightweight", target: "ort-webgpu" } as const;
    const wrong = chooseGroups({ ...square(24), ...layer });
    expect([wrong.policy.groups, wrong.recommended.groups]).toEqual([4, 1]);
    expect(wrong.explanation).toContain("computes groups=4 wrong (6 outputs per group");
    expect(wrong.notes).toEqual([]);
    const slow = chooseGroups({ ...square(32), ...layer });
    expect([slow.policy.groups, slow.recommended.groups]).toEqual([8, 1]);
    expect(slow.explanation).toContain("calls groups=8 slow");
    expect(slow.notes).toEqual([expect.stringContaining("measure it before ruling it out")]);
  });

  it("says what speaks against each count", () => {
    const { candidates } = chooseGroups({ ...square(96), target: "tensorrt" });
    const against = (groups: number) =>
      candidates
        .find((candidate) => candidate.groups === groups)!
        .reasons.filter(({ stance }) => stance === "against")
        .flatMap(({ seedRows, evidence }) => [...seedRows, evidence.level].join(" "));
    expect(against(1)).toEqual([]);
    expect(against(2)).toEqual(["S1 published"]);
    expect(against(3)).toEqual(["S1 published", "S12 disputed"]); // no power of two
    expect(against(32)).toEqual([
      "S1 published",
      "S21 heuristic", // over 28 of 96
      "S2 published", // 3 per group
      "S12 disputed", // over 16
    ]);
  });

  it("recommends a valid count, never a slow one while a better one is listed", () => {
    const channels = fc.integer({ min: 1, max: 512 });
    fc.assert(
      fc.property(
        channels,
        channels,
        fc.constantFrom(...TARGET_IDS),
        fc.option(fc.constantFrom(...TASKS), { nil: undefined }),
        fc.option(fc.constantFrom(...STAGES), { nil: undefined }),
        fc.constantFrom(undefined, 1, 8, 16),
        (inChannels, outChannels, target, task, stage, blockSize) => {
          const machine = { blockSize };
          const layer = { inChannels, outChannels, target, task, stage, machine };
          const { recommended, candidates } = chooseGroups(layer);
          const { groups } = recommended;
          expect([inChannels % groups, outChannels % groups]).toEqual([0, 0]);
          expect(candidates).toContain(recommended);
          expect(candidates[0].groups).toBe(1);
          const bad = ["slow", "unsupported"];
          const better = candidates.filter(
            ({ path, channelsPerGroup, outChannelsPerGroup }) =>
              !bad.includes(path!.path) && (channelsPerGroup > 1 || outChannelsPerGroup > 1),
          );
          expect(bad.includes(recommended.path!.path) && better.length > 0).toBe(false);
        },
      ),
    );
  });

  it("asks for what the policy needs", () => {
    const missing = (options: Partial<ChooseGroupsOptions>) => () =>
      chooseGroups({ ...square(64), ...options });
    expect(missing({ policy: "attention-heads" })).toThrow("policy=attention-heads needs heads");
    expect(missing({ policy: "scene" })).toThrow("policy=scene needs task");
    expect(missing({ policy: "scene", role: "body" })).toThrow("policy=scene needs task");
    expect(missing({ policy: "progressive" })).toThrow("policy=progressive needs stage or depth");
    expect(missing({ policy: "template", role: "neck" })).toThrow(
      "policy=template needs role to be one of stem, body, head",
    );
  });

  it("refuses bad channels, sizes, numbers and names", () => {
    expect(() => chooseGroups({ inChannels: 0, outChannels: 8 })).toThrow(ShapeError);
    expect(() => chooseGroups({ ...square(8), size: 0 })).toThrow(UsageError);
    expect(() => chooseGroups({ ...square(8), kernel: [3, 1.5] })).toThrow(UsageError);
    expect(() => chooseGroups({ ...square(8), depth: 2 })).toThrow(UsageError);
    const named = (name: object) => () => chooseGroups({ ...square(8), ...name });
    expect(named({ task: "classfication" })).toThrow("did you mean classification?");
    expect(named({ role: "constructor" })).toThrow(UsageError);
    expect(named({ stage: "late" })).toThrow('stage="late" must be one of shallow, middle, deep');
    expect(named({ policy: "smrt" })).toThrow("did you mean smart?");
    expect(named({ target: "tensorrt-int9" })).toThrow("did you mean tensorrt-int8?");
  });
});
