import type { Fault } from "../fault.js";
import { convLayers } from "../sites.js";

/** The seed's `Conv2d(64, 128, groups=128)`: a group for every channel out, and too few channels in. */
export const groupPerOutput: Fault = {
  audit: "groups-over-channels",
  name: "a group for each of more outputs than inputs",
  sites: (patient) =>
    convLayers(patient).flatMap((layer) => {
      const { inChannels, outChannels, kernel } = layer;
      if (outChannels <= inChannels) return [];
      return {
        at: layer.name,
        plant: (copy) => {
          copy.sayGroups(layer, outChannels);
          copy.setWeight(layer, copy.weight([outChannels, 1, ...kernel]));
          return [layer.name];
        },
      };
    }),
};

/** Twice as many groups as there are channels. */
export const twiceAsMany: Fault = {
  audit: "groups-over-channels",
  name: "twice as many groups as channels",
  sites: (patient) =>
    convLayers(patient).map((layer) => ({
      at: layer.name,
      plant: (copy) => {
        copy.sayGroups(layer, 2 * Math.max(layer.inChannels, layer.outChannels));
        return [layer.name];
      },
    })),
};
