import { groupWarmup } from "../../../src/groups/index.js";
import { WEIGHT_CARRIES, type WeightCarry } from "../../../src/train/index.js";
import type { Arm, Experiment } from "../experiment.js";
import type { LabNetOptions } from "../lab-net.js";

/** 1 group in the first of four epochs, 4 in the second, 8 in the other two. */
const schedule = groupWarmup({ every: 1, base: 4, max: 8 });

const FASTER = 3;
const fromTheStart: Arm = { name: "8 groups from the start", net: net(8) };

/** S17, S20: groups that grow while training. */
export const groupWarmupExperiment: Experiment = {
  id: "group-warmup",
  title: "Groups that grow while training",
  seedRows: ["S17", "S20"],
  background:
    "`TunableGroupConv` layers go from 1 group to 4 after a quarter of the training and to 8 after half of it. What was learned is inherited (channels reordered, the rest fitted into the 1x1 branch, the scale below a batch norm lowered so that the layer learns as fast as before), sliced (diagonal blocks), or drawn anew as in the seed. All end with 8 groups and take the same number of steps. Convolutions with groups add up fewer weights and so learn more slowly behind a batch norm: at three times the learning rate the same is tried again, so that no arm owes its place to the rate.",
  arms: [
    fromTheStart,
    ...WEIGHT_CARRIES.map((weights) => warmup(weights)),
    { name: "dense to the end", net: net(1) },
    { ...fromTheStart, name: `${fromTheStart.name}, rate x${FASTER}`, rate: FASTER },
    warmup("inherit", FASTER),
    warmup("slice", FASTER),
  ],
  seeds: 10,
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
      claim:
        "At three times the rate a warm-up that inherits is better than 8 groups from the start",
      better: "warm-up, inherit, rate x3",
      worse: "8 groups from the start, rate x3",
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
    {
      claim: "At three times the rate inheriting is better than slicing",
      better: "warm-up, inherit, rate x3",
      worse: "warm-up, slice, rate x3",
    },
  ],
  limits:
    "Equal steps are not equal cost: a warm-up trains dense convolutions first. A training this short may not have reached what any of them can.",
};

function net(groups: number): LabNetOptions {
  return { groups: [groups, groups, groups], mixer: "none", compensation: "branch" };
}

function warmup(weights: WeightCarry, rate = 1): Arm {
  const name = `warm-up, ${weights}`;
  const plan = { schedule, weights };
  return rate === 1
    ? { name, net: net(1), warmup: plan }
    : { name: `${name}, rate x${rate}`, net: net(1), warmup: plan, rate };
}
