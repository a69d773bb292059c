import { groupShareLimit, MIN_CHANNELS_PER_GROUP } from "../../../src/groups/index.js";
import type { Fault } from "../fault.js";
import { denseLayers, groupedCounts, regroupSites } from "../sites.js";

/** A dense layer with a window cut into groups of fewer than four channels, over 30 % of its channels. */
export const thinGroups: Fault = {
  audit: "thin-groups",
  name: "a dense layer cut into groups of two or three channels",
  entails: {
    "unmixed-groups": "the layer has groups now, and what follows may keep them apart",
  },
  sites: (patient) =>
    regroupSites(
      denseLayers(patient).filter(({ kernel }) => Math.max(...kernel) > 1),
      (layer) => {
        const { inChannels, outChannels } = layer;
        return groupedCounts(layer).filter(
          (groups) =>
            groups > groupShareLimit(inChannels, outChannels) &&
            Math.min(inChannels, outChannels) / groups < MIN_CHANNELS_PER_GROUP,
        );
      },
    ),
};
