import type { Convolution, Mixing, RoleFact } from "../analysis/index.js";
import {
  type Evidence,
  type GroupRange,
  type Role,
  type ScenePlace,
  sceneGroups,
  sceneRange,
  stageAt,
  type Task,
} from "../groups/index.js";
import { product } from "../util/math.js";
import { defineAudit } from "./audit.js";
import { isSound, nameList } from "./layers.js";

const classifiers: Evidence = {
  level: "disputed",
  source:
    "seed text, section 4; against it: ResNeXt has 32 groups in every stage and is better than ResNet, as " +
    "classifier and as detector, https://arxiv.org/abs/1611.05431",
};
const segmenters: Evidence = {
  level: "heuristic",
  source:
    "seed text, section 4; no published network or ablation found that speaks for or against it",
};
const without: Evidence = {
  level: "disputed",
  source: "seed text, section 4; against it: ResNet is dense, https://arxiv.org/abs/1512.03385",
};
const depthwise: Evidence = {
  level: "disputed",
  source:
    "seed text, section 4; against it: MobileNetV2 is depthwise in every stage, https://arxiv.org/abs/1801.04381",
};

/** Group counts other than the seed's for this kind of network at this depth. */
export const sceneMismatch = defineAudit({
  id: "scene-mismatch",
  title: "Group counts are the seed's for this scene",
  failureTitle: "Some group counts are not the seed's for this scene",
  why: "The seed keeps shallow layers whole for detail and gives deep ones groups; networks that do otherwise work too.",
  seedRows: ["S8", "S9", "S10", "S11"],
  needs: ["convolutions", "roles", "scene", "mixing"],
  messages: {
    tooMany: {
      text: "{task} asks for {wanted} in the {place}; groups={groups} in {layers}",
      advice:
        "groups={allowed} would fit; networks that keep their channels per group instead do well.",
      evidence: classifiers,
      golden: "warning",
    },
    tooFew: {
      text: "{task} asks for {wanted} in the {place}; only groups={groups} in {layers}",
      advice:
        "groups={allowed} would fit; networks that keep their channels per group instead do well.",
      evidence: classifiers,
      golden: "warning",
    },
    tooManyForSegmentation: {
      text: "{task} asks for {wanted} in the {place}; groups={groups} in {layers}",
      advice: "groups={allowed} would fit; it is a default to test, not a finding of anyone's.",
      evidence: segmenters,
      golden: "warning",
    },
    tooFewForSegmentation: {
      text: "{task} asks for {wanted} in the {place}; only groups={groups} in {layers}",
      advice: "groups={allowed} would fit; it is a default to test, not a finding of anyone's.",
      evidence: segmenters,
      golden: "warning",
    },
    dense: {
      text: "{task} asks for {wanted} in the {place}; dense: {layers}",
      advice:
        "groups={allowed} would save work, where a measurement says that the kernels are as fast.",
      evidence: without,
      golden: "info",
    },
    depthwise: {
      text: "{task} asks for {wanted} in the {place}; depthwise: {layers}",
      advice: "Their channels meet in the layers behind them, so leave them.",
      evidence: depthwise,
      golden: "info",
    },
  },

  notApplicable({ convolutions, roles, scene }) {
    if (scene.task === "unknown") return "what the network is for is not known: name the task";
    const { task } = scene;
    return convolutions.some((convolution) => placeOf(roles.get(convolution)!, task))
      ? null
      : `no layer is where the seed says something of ${task}`;
  },

  *check({ convolutions, roles, scene: { task }, mixing }) {
    if (task === "unknown") return;
    const runs = new Map<string, Mismatch[]>();
    for (const convolution of convolutions) {
      const place = placeOf(roles.get(convolution)!, task);
      const mismatch = place && findMismatch(convolution, place, mixing.get(convolution)!);
      if (!mismatch) continue;
      const { message, data } = mismatch;
      const groups = message === "depthwise" ? "" : data.groups;
      const key = [message, data.place, groups].join();
      const run = runs.get(key);
      if (run) run.push(mismatch);
      else runs.set(key, [mismatch]);
    }
    for (const run of runs.values()) {
      const [{ message, convolution, data }] = run;
      const names = run.map((mismatch) => mismatch.convolution.name);
      yield {
        message,
        convolution,
        related: names.slice(1),
        data: { ...data, layers: nameList(names) },
        suggestedGroups: message === "depthwise" ? null : data.allowed,
      };
    }
  },
});

interface Mismatch {
  readonly message:
    | "tooMany"
    | "tooFew"
    | "tooManyForSegmentation"
    | "tooFewForSegmentation"
    | "dense"
    | "depthwise";
  readonly convolution: Convolution;
  readonly data: {
    readonly task: Task;
    readonly wanted: string;
    readonly place: string;
    readonly groups: number;
    /** The nearest that these channels allow. */
    readonly allowed: number;
  };
}

/** Heads, necks and skip connections have audits of their own. */
const ROLES: Readonly<Record<Task, readonly Role[]>> = {
  classification: ["stem", "body"],
  detection: ["stem", "body"],
  segmentation: ["stem", "body", "encoder", "decoder"],
};

function placeOf({ role: found, stage, stageCount }: RoleFact, task: Task): ScenePlace | null {
  const role = ROLES[task].find((candidate) => candidate === found);
  if (!role) return null;
  const coarseness = stageCount > 1 ? stage / (stageCount - 1) : 0;
  // Where resolution only falls, as in classification, depth is coarseness.
  return { task, role, stage: stageAt("classification", coarseness) };
}

function findMismatch(
  convolution: Convolution,
  place: ScenePlace,
  { status }: Mixing,
): Mismatch | null {
  if (!isSound(convolution)) return null;
  const { groups, kind, kernel, inChannels, outChannels } = convolution;
  const { task, role, stage } = place;
  const range = sceneRange(place);
  if (groups >= range.min && groups <= range.max) return null;
  const allowed = sceneGroups({ inChannels, outChannels, ...place }).groups;
  const found = (message: Mismatch["message"]): Mismatch => ({
    message,
    convolution,
    data: {
      task,
      wanted: rangeText(range),
      place: role === "stem" ? "stem" : `${stage} ${role}`,
      groups,
      allowed,
    },
  });

  const isMixed = status !== "separate" && status !== "gain";
  if (kind === "depthwise" && isMixed) return found("depthwise");
  const isSegmentation = task === "segmentation";
  if (groups > range.max) return found(isSegmentation ? "tooManyForSegmentation" : "tooMany");
  if (allowed <= groups) return null; // these channels leave no more
  if (groups > 1) return found(isSegmentation ? "tooFewForSegmentation" : "tooFew");
  return product(kernel) > 1 ? found("dense") : null; // a dense 1x1 is what mixes
}

function rangeText({ min, max }: GroupRange): string {
  return min === max ? `groups=${min}` : `${min} to ${max} groups`;
}
