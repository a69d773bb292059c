import type { Experiment } from "../experiment.js";
import { bnAfterGrouped } from "./bn-after-grouped.js";
import { groupWarmupExperiment } from "./group-warmup.js";
import { groupedIntoPooling } from "./grouped-into-pooling.js";
import { groupsAndMixing } from "./groups-and-mixing.js";
import { progressiveGroups } from "./progressive-groups.js";
import { residualCompensation } from "./residual-compensation.js";
import { thirtyPercent } from "./thirty-percent.js";

export const experiments: readonly Experiment[] = [
  groupsAndMixing,
  thirtyPercent,
  progressiveGroups,
  groupWarmupExperiment,
  residualCompensation,
  groupedIntoPooling,
  bnAfterGrouped,
];
