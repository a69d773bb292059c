import { MAX_NECK_GROUPS } from "../../../src/groups/index.js";
import type { Fault } from "../fault.js";
import { groupedCounts, plainLayers, regroupSites } from "../sites.js";

/** More than four groups in the layers of a feature pyramid. */
export const crowdedPyramid: Fault = {
  audit: "crowded-pyramid",
  name: "a layer of the feature pyramid given 8 groups or more",
  entails: { "unmixed-groups": "the layer has groups now, and what follows may keep them apart" },
  sites: (patient) => {
    const members = new Set(
      patient.pyramids.flatMap(({ laterals, smoothing }) => [...laterals, ...smoothing]),
    );
    return regroupSites(
      plainLayers(patient).filter((layer) => members.has(layer)),
      (layer) => groupedCounts(layer).filter((groups) => groups > MAX_NECK_GROUPS),
    );
  },
};
