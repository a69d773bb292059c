import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../util/errors.js";
import {
  ROLES,
  type Role,
  type ScenePlace,
  STAGES,
  type Stage,
  sceneGroups,
  sceneRange,
  stageAt,
  TASKS,
  type Task,
} from "./scene.js";

const groups = (place: ScenePlace, channels = 256) =>
  sceneGroups({ ...place, inChannels: channels, outChannels: channels }).groups;
const along = (place: ScenePlace, stages: readonly Stage[]) =>
  stages.map((stage) => groups({ ...place, stage }));

describe("sceneGroups", () => {
  it("classification: 1, then 2 to 4, then 8 to 16 (S8)", () => {
    expect(along({ task: "classification" }, STAGES)).toEqual([1, 4, 16]);
    expect(groups({ task: "classification", stage: "middle" }, 18)).toBe(3); // 2 and 3 divide 18
    expect(groups({ task: "classification", role: "head" })).toBe(1);
  });

  it("detection: pyramid at most 4, heads dense (S9), the body 1, 1, 2 (S11)", () => {
    expect(along({ task: "detection" }, STAGES)).toEqual([1, 1, 2]);
    expect(groups({ task: "detection", role: "neck" })).toBe(4);
    expect(groups({ task: "detection", role: "head" })).toBe(1);
  });

  it("segmentation: 2, 4, 8 down, 8, 4, 2 up, skips 1 (S10)", () => {
    expect(along({ task: "segmentation", role: "encoder" }, STAGES)).toEqual([2, 4, 8]);
    const upward = [...STAGES].reverse();
    expect(along({ task: "segmentation", role: "decoder" }, upward)).toEqual([8, 4, 2]);
    expect(groups({ task: "segmentation", role: "skip" })).toBe(1);
  });

  it("falls below the range, and says so, where the channels allow no more", () => {
    const choice = sceneGroups({
      task: "classification",
      stage: "deep",
      inChannels: 20,
      outChannels: 20,
    });
    // 30 % of 20 is 6, and of 1, 2, 4, 5, 10, 20 the largest up to 6 is 5
    expect(choice.groups).toBe(5);
    expect(choice.reason).toBe(
      "classification asks for 8 to 16 groups in a deep body layer; groups=5 is the most these channels allow",
    );
    expect(choice.seedRows).toEqual(["S8", "S21"]);
  });

  it("divides both channel counts, within the range's maximum and the 30 % rule", () => {
    const channels = fc.integer({ min: 1, max: 600 });
    fc.assert(
      fc.property(
        channels,
        channels,
        fc.constantFrom(...TASKS),
        fc.constantFrom(...STAGES),
        fc.constantFrom<Role>("stem", "body", "head"),
        (inChannels, outChannels, task, stage, role) => {
          const { groups } = sceneGroups({ inChannels, outChannels, task, stage, role });
          expect([inChannels % groups, outChannels % groups]).toEqual([0, 0]);
          expect(groups).toBeLessThanOrEqual(sceneRange({ task, stage, role }).max);
          const share = Math.min(inChannels, outChannels);
          expect(groups === 1 || groups * 10 <= share * 3).toBe(true);
        },
      ),
    );
  });

  it("refuses a role the task's networks do not have", () => {
    const missing = { task: "classification", role: "neck" } as const;
    expect(() => sceneRange(missing)).toThrow(
      new UsageError("role=neck is not in task=classification; its roles: stem, body, head"),
    );
  });

  it("gives every role a place in some task", () => {
    const known = ROLES.filter((role) =>
      TASKS.some((task) => {
        try {
          return sceneRange({ task, role }).max >= 1;
        } catch {
          return false;
        }
      }),
    );
    expect(known).toEqual(ROLES);
  });
});

describe("stageAt", () => {
  const stages = (task: Task, depths: number[]) => depths.map((depth) => stageAt(task, depth));

  it("cuts the depth into thirds", () => {
    const [shallow, middle, deep] = STAGES;
    const expected = [shallow, shallow, middle, middle, deep, deep];
    expect(stages("classification", [0, 0.33, 0.34, 0.66, 0.67, 1])).toEqual(expected);
  });

  it("goes down and up again in segmentation", () => {
    const [shallow, middle, deep] = STAGES;
    const expected = [shallow, middle, deep, middle, shallow];
    expect(stages("segmentation", [0, 0.25, 0.5, 0.75, 1])).toEqual(expected);
  });

  it.each([-0.1, 1.1, Number.NaN])("refuses depth %d", (depth) => {
    expect(() => stageAt("detection", depth)).toThrow(UsageError);
  });
});
