import { groupWarmup } from "../../../src/groups/index.js";
import { WEIGHT_CARRIES } from "../../../src/train/index.js";
import type { Experiment } from "../experiment.js";

/** 1 group in the first of four epochs, 4 in the second, 8 in the other two. */
const schedule = groupWarmup({ every: 1, base: 4, max: 8 });

/** S17, S20: groups that grow while training. */
export const groupWarmupExperiment: Experiment = {
  id: "group-warmup",
  title: "Groups that grow while training",
  seedRows: ["S17", "S20"],
  background:
    "`TunableGroupConv` layers go from 1 group to 4 after a quarter of the training and to 8 after half of it. What was learned is inherited (channels reordered, the rest fitted into the 1x1 branch), sliced (diagonal blocks), or drawn anew as in the seed. All end with 8 groups and take the same number of steps.",
  arms: [
    {
      name: "8 groups from the start",
      net: { groups: [8, 8, 8], mixer: "none", compensation: "branch" },
    },
    ...WEIGHT_CARRIES.map((weights) => ({
      name: `warm-up, ${weights}`,
      net: { groups: [1, 1, 1], mixer: "none", compensation: "branch" } as const,
      warmup: { schedule, weights },
    })),
    { name: "dense to the end", net: { groups: [1, 1, 1], mixer: "none", compensation: "branch" } },
  ],
  comparisons: [
    {
      claim: "A warm-up as in the seed, weights drawn anew, is better than 8 groups from the start",
      better: "warm-up, reset",
      worse: "8 groups from the start",
    },
    {
      claim: "A warm-up that inherits is better than 8 groups from the start",
      better: "warm-up, inherit",
      worse: "8 groups from the start",
    },
    {
      claim: "Inheriting is better than drawing anew",
      better: "warm-up, inherit",
      worse: "warm-up, reset",
    },
    {
      claim: "Inheriting is better than slicing",
      better: "warm-up, inherit",
      worse: "warm-up, slice",
    },
  ],
  limits:
    "Equal steps are not equal cost: a warm-up trains dense convolutions first. A training this short may not have reached what any of them can.",
};
