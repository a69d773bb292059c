import { isOp, type Node, type Value } from "../../../src/graph/index.js";
import type { Fault, Site } from "../fault.js";
import { easyGroups, readerBehind } from "../sites.js";

/** A grouped layer put where only the dense layer behind it mixes. */
export const bareLayer: Fault = {
  audit: "uncompensated-groups",
  name: "a grouped layer without a branch beside it",
  sites: (patient) =>
    patient.convolutions.flatMap((layer): Site[] => {
      const { y, outChannels, node } = layer;
      const groups = easyGroups(outChannels);
      const isFollowedByDense = patient.layerOf(readerBehind(y))?.kind === "dense";
      const isGate = patient.roles.get(layer)!.role === "gate";
      if (!groups || !isFollowedByDense || isGate || node.graph !== patient.model.graph) return [];
      return [
        {
          at: layer.name,
          plant: (copy) => {
            copy.insertAfter(y, (x) => copy.conv("planted", x, outChannels, { groups }));
            return ["planted"];
          },
        },
      ];
    }),
};

/** The residual connection that joins a grouped layer's groups taken away. */
export const lostResidual: Fault = {
  audit: "uncompensated-groups",
  name: "the residual connection behind a grouped layer taken away",
  entails: { "unmixed-groups": "what came in by the connection no longer ends a run" },
  sites: (patient) =>
    patient.convolutions.flatMap((layer): Site[] => {
      const join = patient.mixing.get(layer)!.joinedAt;
      if (layer.groups === 1 || !isOp(join, "Add")) return [];
      const ways = join.inputs.filter((input) => input && comesFrom(input, layer.node));
      if (ways.length !== 1) return [];
      return [
        {
          at: layer.name,
          plant: (copy) => {
            copy.replace(copy.value(join.outputs[0]!), copy.value(ways[0]!));
            return [layer.name];
          },
        },
      ];
    }),
};

function comesFrom(value: Value, source: Node): boolean {
  const seen = new Set<Node>();
  const pending = [value.producer];
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (node === source) return true;
    if (!node || seen.has(node)) continue;
    seen.add(node);
    pending.push(...node.inputs.map((input) => input?.producer ?? null));
  }
  return false;
}
