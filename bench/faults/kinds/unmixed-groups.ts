import { isOutput } from "../../../src/graph/index.js";
import { range } from "../../../src/util/math.js";
import type { Fault, Site } from "../fault.js";
import { denseLayers, easyGroups, groupedCounts, readerBehind } from "../sites.js";

/** Three layers of the same groups in a row, with nothing between them. */
export const longRun: Fault = {
  audit: "unmixed-groups",
  name: "three layers of the same groups in a row",
  sites: (patient) =>
    patient.convolutions.flatMap((layer): Site[] => {
      const { outChannels, y, node } = layer;
      const groups = easyGroups(outChannels);
      const isMap = (patient.shapeOf(y) ?? []).slice(2).some((size) => size > 1);
      if (!groups || !isMap || node.graph !== patient.model.graph) return [];
      return [
        {
          at: layer.name,
          plant: (copy) => {
            const names = range(3).map((i) => `planted.${i}`);
            copy.insertAfter(y, (x) =>
              names.reduce((value, name) => copy.conv(name, value, outChannels, { groups }), x),
            );
            return names;
          },
        },
      ];
    }),
};

/** A grouped layer behind the last one that mixes. */
export const groupedOutput: Fault = {
  audit: "unmixed-groups",
  name: "a grouped layer between the last mixer and an output",
  entails: { "grouped-head": "it is the last layer of a head" },
  sites: ({ model, shapeOf }) =>
    model.graph.outputs.flatMap((output): Site[] => {
      const [, channels, ...size] = shapeOf(output) ?? [];
      const groups = [4, 2].find((count) => channels % count === 0);
      if (size.length !== 2 || Math.max(...size) < 2 || !groups) return [];
      return [
        {
          at: output.name,
          plant: (copy) => {
            copy.insertAfter(output, (x) => copy.conv("planted", x, channels, { groups }));
            return ["planted"];
          },
        },
      ];
    }),
};

/** A shuffle between grouped layers left out. */
export const lostShuffle: Fault = {
  audit: "unmixed-groups",
  name: "the shuffle between grouped layers left out",
  entails: {
    "unmixed-before-pooling": "without the shuffle the groups may stay apart as far as that",
  },
  sites: (patient) =>
    patient.shuffles.flatMap((shuffle): Site[] => {
      const { nodes, input, output } = shuffle;
      const kept = patient.convolutions.filter(({ kind, y }) => {
        const reader = readerBehind(y);
        return kind === "grouped" && reader !== null && nodes.includes(reader);
      });
      if (kept.length === 0) return [];
      return [
        {
          at: nodes[0].label,
          plant: (copy) => {
            copy.replace(copy.value(output), copy.value(input));
            return kept.map(({ name }) => name);
          },
        },
      ];
    }),
};

/** The dense 1x1 layer behind a grouped one given the same groups: they meet only further on. */
export const groupedMixer: Fault = {
  audit: "unmixed-groups",
  name: "the 1x1 layer behind a grouped one given its groups",
  entails: { "unmixed-before-pooling": "the mixer may have been the last one before it" },
  sites: (patient) =>
    denseLayers(patient).flatMap((mixer): Site[] => {
      const before = patient.convolutions.find(
        ({ kind, y }) => kind === "grouped" && readerBehind(y) === mixer.node,
      );
      const isPointwise = mixer.kernel.every((size) => size === 1);
      if (!before || !isPointwise || isOutput(mixer.y)) return [];
      if (!groupedCounts(mixer).includes(before.groups)) return [];
      return [
        {
          at: mixer.name,
          plant: (copy) => {
            copy.regroup(mixer, before.groups);
            return [before.name];
          },
        },
      ];
    }),
};
