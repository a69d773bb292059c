import type { Graph, Model } from "../graph/index.js";
import type { Shapes } from "../runtime/index.js";
import type { Convolution } from "./convolution.js";
import { surveyTerrain } from "./dependence/terrain.js";
import { findGates } from "./gates.js";
import { GroupFollower, newEffort } from "./group-follower.js";
import { foldIntegers } from "./integers.js";
import type { Mixing } from "./mixing.js";

/** Follows the groups of every convolution, each in the graph it stands in. */
export async function surveyMixing(
  model: Model,
  convolutions: readonly Convolution[],
  shapes: Shapes | null,
): Promise<Map<Convolution, Mixing>> {
  const effort = newEffort();
  const followers = new Map<Graph, GroupFollower>();
  const mixing = new Map<Convolution, Mixing>();
  for (const convolution of convolutions) {
    const { graph } = convolution.node;
    let follower = followers.get(graph);
    if (!follower) {
      const integers = await foldIntegers(graph, shapes);
      const gates = findGates(graph, shapes);
      const isWhole = graph === model.graph;
      const terrain = surveyTerrain(graph, model.opset, shapes, integers, gates, isWhole);
      follower = new GroupFollower(terrain, effort);
      followers.set(graph, follower);
    }
    mixing.set(convolution, follower.follow(convolution));
  }
  return mixing;
}
