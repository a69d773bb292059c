import { largestValidGroups } from "../../../src/groups/index.js";
import type { Fault } from "../fault.js";
import { denseLayers, groupedCounts, regroupSites } from "../sites.js";

/** Groups where the seed wants none, or more than it wants. */
export const tooManyForTheScene: Fault = {
  audit: "scene-mismatch",
  name: "32 groups or so in a layer of the way down",
  entails: { "unmixed-groups": "the layer has groups now, and what follows may keep them apart" },
  sites: (patient) =>
    patient.scene.task === "unknown"
      ? []
      : regroupSites(
          denseLayers(patient).filter((layer) =>
            ["body", "encoder"].includes(patient.roles.get(layer)!.role),
          ),
          (layer) => {
            const most = largestValidGroups(layer.inChannels, layer.outChannels, 32);
            return groupedCounts(layer).filter((groups) => groups === most && groups > 16);
          },
        ),
};
