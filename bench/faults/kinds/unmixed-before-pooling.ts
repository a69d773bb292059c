import { findGates, isGlobalPooling } from "../../../src/analysis/gates.js";
import type { Node } from "../../../src/graph/index.js";
import type { Fault, Site } from "../fault.js";
import type { Patient } from "../patient.js";
import { easyGroups, groupedCounts, layerBefore, regroupSites } from "../sites.js";

/** A grouped layer put right before the global pooling. */
export const groupedBeforePooling: Fault = {
  audit: "unmixed-before-pooling",
  name: "a grouped layer put before the global pooling",
  sites: (patient) =>
    poolings(patient).flatMap((pooling): Site[] => {
      const x = pooling.inputs[0]!;
      const [, channels] = patient.shapeOf(x) ?? [];
      const groups = channels ? easyGroups(channels) : null;
      if (!groups) return [];
      return [
        {
          at: pooling.label,
          plant: (copy) => {
            copy.insertBefore(pooling, 0, (value) =>
              copy.relu("planted.relu", copy.conv("planted", value, channels, { groups })),
            );
            return ["planted"];
          },
        },
      ];
    }),
};

/** The last mixer before the global pooling given groups. */
export const lastMixerGrouped: Fault = {
  audit: "unmixed-before-pooling",
  name: "the last mixer before the global pooling given groups",
  entails: { "unmixed-groups": "where nothing mixes behind the pooling either" },
  sites: (patient) => {
    const mixers = poolings(patient).flatMap((pooling) => {
      const layer = layerBefore(patient, pooling.inputs[0]!);
      return layer?.kind === "dense" && layer.op === "Conv" ? [layer] : [];
    });
    return regroupSites(mixers, (layer) =>
      groupedCounts(layer).filter((groups) => groups <= 16 && layer.inChannels / groups >= 4),
    );
  },
};

/** The global poolings of a network, those of gates aside. */
export function poolings({ model, survey }: Patient): Node[] {
  const { nodes } = findGates(model.graph, survey.shapes);
  return model.graph.nodes.filter(
    (node) => isGlobalPooling(node, survey.shapes) && !nodes.has(node),
  );
}
