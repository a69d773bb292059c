import { TENSORRT_MAX_GROUPS } from "../../../src/groups/index.js";
import { isPowerOfTwo } from "../../../src/util/math.js";
import type { Fault } from "../fault.js";
import { denseLayers, groupedCounts, regroupSites } from "../sites.js";

const entails = {
  "unmixed-groups": "the layer has groups now, and what follows may keep them apart",
};

/** A group count such as 3, 6, 12 or 24. */
export const notPowerOfTwo: Fault = {
  audit: "odd-group-count",
  name: "a group count that is no power of two",
  entails,
  sites: (patient) =>
    regroupSites(denseLayers(patient), (layer) =>
      groupedCounts(layer).filter((groups) => !isPowerOfTwo(groups)),
    ),
};

/** S12: more groups than the seed allows on TensorRT. */
export const overSixteen: Fault = {
  audit: "odd-group-count",
  name: "more than 16 groups, for TensorRT",
  options: { target: "tensorrt" },
  entails: { ...entails, "off-fast-path": "so many groups may leave too few channels in each" },
  sites: (patient) =>
    regroupSites(denseLayers(patient), (layer) =>
      groupedCounts(layer).filter((groups) => groups > TENSORRT_MAX_GROUPS),
    ),
};
