import type { Fault, Site } from "../fault.js";
import { easyGroups } from "../sites.js";
import { poolings } from "./unmixed-before-pooling.js";

/** The seed's third deadly combination: grouped layer, batch norm, global pooling. */
export const groupedNormPooling: Fault = {
  audit: "unmixed-before-norm",
  name: "a grouped layer and a batch norm put before the global pooling",
  entails: { "unmixed-before-pooling": "the groups are still apart at the pooling" },
  sites: (patient) =>
    poolings(patient).flatMap((pooling): Site[] => {
      const [, channels] = patient.shapeOf(pooling.inputs[0]!) ?? [];
      const groups = channels ? easyGroups(channels) : null;
      if (!groups) return [];
      return [
        {
          at: pooling.label,
          plant: (copy) => {
            copy.insertBefore(pooling, 0, (x) =>
              copy.norm("planted.norm", copy.conv("planted", x, channels, { groups }), channels),
            );
            return ["planted"];
          },
        },
      ];
    }),
};

/** The same at an output that is a map. */
export const groupedNormOutput: Fault = {
  audit: "unmixed-before-norm",
  name: "a grouped layer and a batch norm put before an output",
  entails: {
    "unmixed-groups": "the groups reach the output apart",
    "grouped-head": "it is the last layer of a head",
  },
  sites: ({ model, shapeOf }) =>
    model.graph.outputs.flatMap((output): Site[] => {
      const [, channels, ...size] = shapeOf(output) ?? [];
      const groups = [4, 2].find((count) => channels % count === 0);
      if (size.length !== 2 || Math.max(...size) < 2 || !groups) return [];
      return [
        {
          at: output.name,
          plant: (copy) => {
            copy.insertAfter(output, (x) =>
              copy.norm("planted.norm", copy.conv("planted", x, channels, { groups }), channels),
            );
            return ["planted"];
          },
        },
      ];
    }),
};
