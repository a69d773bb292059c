import type { Fault } from "../fault.js";
import { convLayers, groupedCounts, regroupSites } from "../sites.js";

/** Outputs per group that are no whole vectors of WebGPU's shader: over 4, and no multiple of 4 where all together are. */
export const brokenVectors: Fault = {
  audit: "miscomputed-groups",
  name: "groups that break the vectors of ONNX Runtime's WebGPU",
  options: { target: "ort-webgpu" },
  entails: {
    "unmixed-groups": "the layer has groups now, and what follows may keep them apart",
    "off-fast-path": "WebGPU runs all groups by one slow shader",
  },
  sites: (patient) =>
    regroupSites(
      convLayers(patient).filter(({ kind }) => kind === "dense"),
      (layer) =>
        groupedCounts(layer).filter((groups) => {
          const outputs = layer.outChannels / groups;
          return layer.outChannels % 4 === 0 && outputs > 4 && outputs % 4 !== 0;
        }),
    ),
};
