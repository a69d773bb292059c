import { UsageError } from "../../util/errors.js";
import { checkDepth } from "../checks.js";
import { largestValidGroups } from "../divisibility.js";
import { type SeedRow, seedHeuristic } from "../evidence.js";
import { groupShareLimit, MAX_NECK_GROUPS } from "../thresholds.js";
import type { Channels, GroupChoice } from "./policy.js";

export const TASKS = ["classification", "detection", "segmentation"] as const;
export type Task = (typeof TASKS)[number];

export const ROLES = ["stem", "body", "neck", "head", "encoder", "decoder", "skip"] as const;
/** What a layer does in its network. */
export type Role = (typeof ROLES)[number];

export const STAGES = ["shallow", "middle", "deep"] as const;
/** How far down a layer sits: by resolution, `shallow` is the finest and `deep` the coarsest. */
export type Stage = (typeof STAGES)[number];

/** Fewest and most groups a scene asks for. */
export interface GroupRange {
  min: number;
  max: number;
}

const only = (groups: number): GroupRange => ({ min: groups, max: groups });
const everywhere = (range: GroupRange): Record<Stage, GroupRange> => ({
  shallow: range,
  middle: range,
  deep: range,
});

/** S10: 2, 4, 8 on the way down; the way up meets the same resolutions in the other order, so 8, 4, 2. */
const unetStages = { shallow: only(2), middle: only(4), deep: only(8) };

const RANGES: Record<Task, Partial<Record<Role, Record<Stage, GroupRange>>>> = {
  classification: {
    stem: everywhere(only(1)),
    body: { shallow: only(1), middle: { min: 2, max: 4 }, deep: { min: 8, max: 16 } },
    head: everywhere(only(1)),
  },
  detection: {
    stem: everywhere(only(1)),
    body: { shallow: only(1), middle: only(1), deep: only(2) }, // the seed's 1, 1, 2 (S11)
    neck: everywhere({ min: 1, max: MAX_NECK_GROUPS }),
    head: everywhere(only(1)),
  },
  segmentation: {
    stem: everywhere(only(1)),
    body: unetStages,
    encoder: unetStages,
    decoder: unetStages,
    skip: everywhere(only(1)),
    head: everywhere(only(1)),
  },
};

const ROWS: Record<Task, SeedRow> = {
  classification: "S8",
  detection: "S9",
  segmentation: "S10",
};

export interface ScenePlace {
  task: Task;
  /** Defaults to `body`. */
  role?: Role;
  /** Defaults to `middle`. */
  stage?: Stage;
}

/**
 * How many groups the seed asks for at this place of this kind of network (S8, S9, S10).
 *
 * @throws UsageError if networks of this kind have no such layer.
 */
export function sceneRange({ task, role = "body", stage = "middle" }: ScenePlace): GroupRange {
  const range = RANGES[task][role]?.[stage];
  if (range) return range;
  const roles = Object.keys(RANGES[task]).join(", ");
  throw new UsageError(`role=${role} is not in task=${task}; its roles: ${roles}`);
}

/** The one task whose networks have layers of this role; undefined when several have. */
export function onlyTaskOf(role: Role): Task | undefined {
  const [task, another] = TASKS.filter((candidate) => RANGES[candidate][role] !== undefined);
  return another === undefined ? task : undefined;
}

/**
 * The stage at a relative depth, 0 for the first layer and 1 for the last. Resolution falls all the
 * way in classification and detection; in segmentation it falls to the middle and rises again.
 *
 * @throws UsageError if `depth` is not from 0 to 1.
 */
export function stageAt(task: Task, depth: number): Stage {
  checkDepth(depth);
  const coarseness = task === "segmentation" ? 1 - Math.abs(2 * depth - 1) : depth;
  return STAGES[Math.min(2, Math.floor(coarseness * 3))];
}

/** The largest valid group count in the scene's range that the 30 % rule leaves, or the nearest below the range. */
export function sceneGroups(options: Channels & ScenePlace): GroupChoice {
  const { inChannels, outChannels, task, role = "body", stage = "middle" } = options;
  const { min, max } = sceneRange({ task, role, stage });
  const share = groupShareLimit(inChannels, outChannels);
  const groups = largestValidGroups(inChannels, outChannels, Math.min(max, share));
  const wanted = min === max ? `groups=${min}` : `${min} to ${max} groups`;
  const place = role === "body" || role === "encoder" || role === "decoder" ? `${stage} ` : "";
  const short = groups < min ? `; groups=${groups} is the most these channels allow` : "";
  return {
    policy: "scene",
    groups,
    reason: `${task} asks for ${wanted} in a ${place}${role} layer${short}`,
    evidence: seedHeuristic("section 4"),
    seedRows: share < max ? [ROWS[task], "S21"] : [ROWS[task]],
  };
}
