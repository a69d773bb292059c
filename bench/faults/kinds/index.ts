import type { Fault } from "../fault.js";
import { crowdedPyramid } from "./crowded-pyramid.js";
import { falling, rising } from "./falling-groups.js";
import { groupedPredictor, groupedTower } from "./grouped-head.js";
import { groupedSkip } from "./grouped-skip.js";
import { groupPerOutput, twiceAsMany } from "./groups-over-channels.js";
import { headsAgainstGroups } from "./head-count-mismatch.js";
import { blockDiagonal, permutedBlocks, spelledOut } from "./hidden-groups.js";
import { undividedInputs, undividedOutputs } from "./indivisible-groups.js";
import { brokenVectors } from "./miscomputed-groups.js";
import { notPowerOfTwo, overSixteen } from "./odd-group-count.js";
import { brokenBlocks, unevenForInt8 } from "./off-fast-path.js";
import { idleShuffle, shuffleBeforeDense, undoneShuffle } from "./redundant-shuffle.js";
import { tooManyForTheScene } from "./scene-mismatch.js";
import { thinGroups } from "./thin-groups.js";
import { bareLayer, lostResidual } from "./uncompensated-groups.js";
import { groupedNormOutput, groupedNormPooling } from "./unmixed-before-norm.js";
import { groupedBeforePooling, lastMixerGrouped } from "./unmixed-before-pooling.js";
import { groupedMixer, groupedOutput, longRun, lostShuffle } from "./unmixed-groups.js";

/** Every way to spoil a network, by the audit that is to find it. */
export const faults: readonly Fault[] = [
  undividedInputs,
  undividedOutputs,
  groupPerOutput,
  twiceAsMany,
  thinGroups,
  longRun,
  groupedOutput,
  lostShuffle,
  groupedMixer,
  groupedBeforePooling,
  lastMixerGrouped,
  groupedNormPooling,
  groupedNormOutput,
  groupedPredictor,
  groupedTower,
  crowdedPyramid,
  groupedSkip,
  falling,
  rising,
  tooManyForTheScene,
  headsAgainstGroups,
  bareLayer,
  lostResidual,
  notPowerOfTwo,
  overSixteen,
  brokenVectors,
  brokenBlocks,
  unevenForInt8,
  idleShuffle,
  undoneShuffle,
  shuffleBeforeDense,
  blockDiagonal,
  permutedBlocks,
  spelledOut,
];
