import { range } from "../../../src/util/math.js";
import type { Fault } from "../fault.js";
import { convLayers } from "../sites.js";

/** A group count that does not divide the channels that come in. */
export const undividedInputs: Fault = {
  audit: "indivisible-groups",
  name: "groups that do not divide the inputs",
  sites: (patient) =>
    convLayers(patient).flatMap((layer) => {
      const most = Math.min(layer.inChannels, layer.outChannels);
      const counts = range(2, most).filter((count) => layer.inChannels % count !== 0);
      if (counts.length === 0) return [];
      return {
        at: layer.name,
        plant: (copy) => {
          copy.sayGroups(layer, counts[copy.rng.integer(0, counts.length)]);
          return [layer.name];
        },
      };
    }),
};

/** A group count that divides the channels that come in, and not those that go out. */
export const undividedOutputs: Fault = {
  audit: "indivisible-groups",
  name: "groups that do not divide the outputs",
  sites: (patient) =>
    convLayers(patient).flatMap((layer) => {
      const { inChannels, outChannels } = layer;
      const most = Math.min(inChannels, outChannels);
      const counts = range(2, most).filter(
        (count) => inChannels % count === 0 && outChannels % count !== 0,
      );
      if (counts.length === 0) return [];
      return {
        at: layer.name,
        plant: (copy) => {
          copy.regroup(layer, counts[copy.rng.integer(0, counts.length)]);
          return [layer.name];
        },
      };
    }),
};
