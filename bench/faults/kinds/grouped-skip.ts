import type { Node } from "../../../src/graph/index.js";
import type { Fault, Site } from "../fault.js";
import type { Patient } from "../patient.js";
import { easyGroups } from "../sites.js";

/** A grouped layer put on a skip connection of an encoder and decoder; a pyramid has laterals instead. */
export const groupedSkip: Fault = {
  audit: "grouped-skip",
  name: "a grouped layer put on a skip connection",
  entails: { "unmixed-groups": "the layer's groups meet where the decoder mixes, if it does" },
  sites: (patient) =>
    patient.scene.task === "segmentation" && patient.pyramids.length === 0
      ? joins(patient).flatMap((join): Site[] => {
          const index = join.inputs.findIndex((input) => !comesUp(input?.producer ?? null));
          const [, channels] = patient.shapeOf(join.inputs[index]!) ?? [];
          const groups = channels ? easyGroups(channels) : null;
          if (!groups) return [];
          return [
            {
              at: join.label,
              plant: (copy) => {
                copy.insertBefore(join, index, (x) =>
                  copy.relu("planted.relu", copy.conv("planted", x, channels, { groups })),
                );
                return ["planted"];
              },
            },
          ];
        })
      : [],
};

/** Where what was made finer meets what was not yet made coarser. */
function joins({ model }: Patient): Node[] {
  return model.graph.nodes.filter(
    ({ op, inputs }) =>
      (op === "Concat" || op === "Add") &&
      inputs.length === 2 &&
      inputs.filter((input) => comesUp(input?.producer ?? null)).length === 1,
  );
}

function comesUp(producer: Node | null): boolean {
  return ["ConvTranspose", "Resize", "Upsample"].includes(producer?.op ?? "");
}
