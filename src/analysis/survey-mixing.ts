import type { Graph, Model } from "../graph/index.js";
import type { Shapes } from "../runtime/index.js";
import type { Convolution } from "./convolution.js";
import { surveyTerrain, type Terrain } from "./dependence/terrain.js";
import { findGates } from "./gates.js";
import { foldIntegers } from "./integers.js";
import { followGroups, type Mixing } from "./mixing.js";

/** Follows the groups of every convolution, each in the graph it stands in. */
export async function surveyMixing(
  model: Model,
  convolutions: readonly Convolution[],
  shapes: Shapes | null,
): Promise<Map<Convolution, Mixing>> {
  const terrains = new Map<Graph, Terrain>();
  const mixing = new Map<Convolution, Mixing>();
  for (const convolution of convolutions) {
    const { graph } = convolution.node;
    let terrain = terrains.get(graph);
    if (!terrain) {
      const integers = await foldIntegers(graph, shapes);
      const gates = findGates(graph, shapes);
      terrain = surveyTerrain(graph, model.opset, shapes, integers, gates, graph === model.graph);
      terrains.set(graph, terrain);
    }
    mixing.set(convolution, followGroups(convolution, terrain));
  }
  return mixing;
}
