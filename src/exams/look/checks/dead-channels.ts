import { defineCheck } from "../../check.js";
import type { LookSection } from "../section.js";
import { ENOUGH_OBSERVATIONS, handedOn } from "./layer-view.js";

/** From this share of its channels on, a layer wastes what could be had back. */
const MANY = 0.1;
/** One number a sample that is the same for fewer may be the samples' likeness. */
const FEWEST_SAMPLES = 8;

/** Channels that are the same number everywhere, on all of the data. */
export const deadChannels = defineCheck<LookSection>()({
  id: "dead-channels",
  title: "Every channel lives",
  failureTitle: "Some channels are constant",
  why: "A channel that never changes tells the next layer nothing; a bias could stand in its place.",
  seedRows: ["S13"],
  messages: {
    many: {
      text: "{dead} of {channels} channels are constant over {observations} observations",
      advice:
        "Look at more and other data; if they stay constant, {living} channels do the same work.",
      severity: "warning",
      evidence: { level: "measured", source: "this run" },
    },
    few: {
      text: "{dead} of {channels} channels are constant over {observations} observations",
      advice: "Nothing to do for so few; on other data they may live.",
      severity: "info",
      evidence: { level: "measured", source: "this run" },
    },
    gates: {
      text: "{dead} of {channels} channels are the same number on all {observations} samples",
      advice:
        "Where the layer is the gate of a squeeze-excite block, constants would do for these.",
      severity: "info",
      evidence: { level: "measured", source: "this run" },
    },
  },

  *check({ layers }) {
    for (const layer of layers) {
      const { deadChannels: dead, observations } = handedOn(layer);
      const { outChannels: channels } = layer;
      if (dead.length === 0 || dead.length === channels) continue;
      const data = { dead: dead.length, channels, observations };
      if (layer.positions === 1 && observations >= FEWEST_SAMPLES && dead.length >= MANY * channels)
        yield { message: "gates", layer, data };
      if (layer.positions === 1 || observations < ENOUGH_OBSERVATIONS) continue;
      if (dead.length >= MANY * channels)
        yield { message: "many", layer, data: { ...data, living: channels - dead.length } };
      else yield { message: "few", layer, data };
    }
  },
});
