import type { Convolution } from "../../../src/analysis/index.js";
import type { Fault, Site } from "../fault.js";
import type { Patient } from "../patient.js";
import { easyGroups, groupedCounts, regroupSites } from "../sites.js";
import { poolings } from "./unmixed-before-pooling.js";

/** The convolution that predicts, given groups. */
export const groupedPredictor: Fault = {
  audit: "grouped-head",
  name: "the layer that predicts given groups",
  entails: { "unmixed-groups": "the groups reach the output apart" },
  sites: (patient) =>
    regroupSites(
      predictors(patient).filter(({ kind }) => kind === "dense"),
      (layer) => [...groupedCounts(layer), ...wholeOutputs(layer)],
    ),
};

/** A grouped layer put between the global pooling and the classifier. */
export const groupedTower: Fault = {
  audit: "grouped-head",
  name: "a grouped layer put between the global pooling and the classifier",
  sites: (patient) =>
    poolings(patient).flatMap((pooling): Site[] => {
      const [, channels, ...size] = patient.shapeOf(pooling.outputs[0]!) ?? [];
      const groups = size.length === 2 ? easyGroups(channels) : null;
      if (!groups) return [];
      return [
        {
          at: pooling.label,
          plant: (copy) => {
            copy.insertAfter(pooling.outputs[0]!, (x) =>
              copy.conv("planted", x, channels, { groups, kernel: 1 }),
            );
            return ["planted"];
          },
        },
      ];
    }),
};

/** The convolutions behind which nothing has weights on the way to an output. */
function predictors({ model, layerOf }: Patient): Convolution[] {
  const found = new Set<Convolution>();
  const seen = new Set<unknown>();
  const pending = model.graph.outputs.map(({ producer }) => producer);
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (!node || seen.has(node)) continue;
    seen.add(node);
    const layer = layerOf(node);
    if (layer) found.add(layer);
    else if (node.op !== "Gemm" && node.op !== "MatMul")
      pending.push(...node.inputs.map((input) => input?.producer ?? null));
  }
  return [...found];
}

/** As many groups as outputs, where the inputs can be shared out so. */
function wholeOutputs({ inChannels, outChannels }: Convolution): number[] {
  return outChannels > 1 && inChannels > outChannels && inChannels % outChannels === 0
    ? [outChannels]
    : [];
}
