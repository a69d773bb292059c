import type { AnyAudit } from "./audit.js";
import { crowdedPyramid } from "./crowded-pyramid.js";
import { fallingGroups } from "./falling-groups.js";
import { groupedHead } from "./grouped-head.js";
import { groupedSkip } from "./grouped-skip.js";
import { groupsOverChannels } from "./groups-over-channels.js";
import { headCountMismatch } from "./head-count-mismatch.js";
import { hiddenGroups } from "./hidden-groups.js";
import { indivisibleGroups } from "./indivisible-groups.js";
import { miscomputedGroups } from "./miscomputed-groups.js";
import { oddGroupCount } from "./odd-group-count.js";
import { offFastPath } from "./off-fast-path.js";
import { redundantShuffle } from "./redundant-shuffle.js";
import { sceneMismatch } from "./scene-mismatch.js";
import { thinGroups } from "./thin-groups.js";
import { uncompensatedGroups } from "./uncompensated-groups.js";
import { unmixedBeforeNorm } from "./unmixed-before-norm.js";
import { unmixedBeforePooling } from "./unmixed-before-pooling.js";
import { unmixedGroups } from "./unmixed-groups.js";

/** Every audit there is, in the order of reports. A test holds this list against the files of the folder. */
export const audits: readonly AnyAudit[] = [
  indivisibleGroups,
  groupsOverChannels,
  miscomputedGroups,
  thinGroups,
  unmixedGroups,
  unmixedBeforePooling,
  unmixedBeforeNorm,
  uncompensatedGroups,
  groupedHead,
  crowdedPyramid,
  groupedSkip,
  fallingGroups,
  sceneMismatch,
  headCountMismatch,
  oddGroupCount,
  offFastPath,
  redundantShuffle,
  hiddenGroups,
];
