import type { Convolution, RoleFact } from "../../../src/analysis/index.js";
import type { Fault, Site } from "../fault.js";
import type { Patient } from "../patient.js";
import { denseLayers, groupedCounts } from "../sites.js";

/** Many groups in a shallow stage of the way down, few in the deepest. */
export const falling: Fault = {
  audit: "falling-groups",
  name: "many groups in a shallow stage, few in a deep one",
  entails: { "unmixed-groups": "the layers have groups now, and what follows may keep them apart" },
  sites: (patient) => pairs(patient, ["body", "encoder"]),
};

/** Few groups in a coarse stage of the way up, many in a finer one. */
export const rising: Fault = {
  audit: "falling-groups",
  name: "few groups in a coarse stage of the decoder, many in a finer one",
  entails: { "unmixed-groups": "the layers have groups now, and what follows may keep them apart" },
  sites: (patient) => pairs(patient, ["decoder"]),
};

/** Pairs of dense layers in stages without groups of their own, the finer to have many, the coarser few. */
function pairs(patient: Patient, way: readonly RoleFact["role"][]): Site[] {
  const { roles } = patient;
  const isOnWay = (layer: Convolution) => way.includes(roles.get(layer)!.role);
  const taken = new Set(
    patient.convolutions
      .filter((layer) => layer.kind === "grouped" && isOnWay(layer))
      .map((layer) => roles.get(layer)!.stage),
  );
  const free = denseLayers(patient).filter(
    (layer) =>
      isOnWay(layer) && !taken.has(roles.get(layer)!.stage) && Math.max(...layer.kernel) > 1,
  );
  return free.flatMap((fine) =>
    free.flatMap((coarse): Site[] => {
      if (roles.get(fine)!.stage >= roles.get(coarse)!.stage) return [];
      const [few] = groupedCounts(coarse);
      const many = groupedCounts(fine).findLast((groups) => groups <= 16);
      if (!few || !many || few >= many) return [];
      return [
        {
          at: `${fine.name}, ${coarse.name}`,
          plant: (copy) => {
            copy.regroup(fine, many);
            copy.regroup(coarse, few);
            return [fine.name, coarse.name];
          },
        },
      ];
    }),
  );
}
