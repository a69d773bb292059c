import type { Graph, Model, Node } from "../graph/index.js";
import type { Shapes } from "../runtime/index.js";
import { graphsWithBranches, outermostGraphs } from "./branches.js";
import type { Convolution } from "./convolution.js";
import { surveyTerrain } from "./dependence/terrain.js";
import { findGates, type Gates } from "./gates.js";
import { GroupFollower, newEffort } from "./group-follower.js";
import { foldIntegers, type Integers } from "./integers.js";
import type { Mixing } from "./mixing.js";

/** Follows the groups of every convolution, each in the graph it stands in. */
export async function surveyMixing(
  model: Model,
  convolutions: readonly Convolution[],
  shapes: Shapes | null,
): Promise<Map<Convolution, Mixing>> {
  const effort = newEffort();
  const outermost = outermostGraphs(model.graph);
  const integersOf = integersByGraph(shapes);
  const followers = new Map<Graph, GroupFollower>();
  const mixing = new Map<Convolution, Mixing>();
  for (const convolution of convolutions) {
    const graph = outermost(convolution.node.graph);
    let follower = followers.get(graph);
    if (!follower) {
      const graphs = [...graphsWithBranches(graph)];
      const integers = await integersOf(graphs);
      const gates = joinGates(graphs.map((each) => findGates(each, shapes)));
      const isWhole = graph === model.graph;
      const terrain = surveyTerrain(graph, model.opset, shapes, integers, gates, isWhole);
      follower = new GroupFollower(terrain, effort);
      followers.set(graph, follower);
    }
    mixing.set(convolution, follower.follow(convolution));
  }
  return mixing;
}

/** Integers of graphs and of those around them, each worked out once. */
function integersByGraph(shapes: Shapes | null) {
  const known = new Map<Graph, Promise<Integers>>();
  const of = (graph: Graph): Promise<Integers> => {
    let integers = known.get(graph);
    if (!integers) {
      integers = fold(graph);
      known.set(graph, integers);
    }
    return integers;
  };
  const fold = async (graph: Graph) =>
    foldIntegers(graph, shapes, graph.parent ? await of(graph.parent) : undefined);
  return async (graphs: readonly Graph[]): Promise<Integers> => {
    const each = await Promise.all(graphs.map(of));
    return each.length === 1 ? each[0] : new Map(each.flatMap((integers) => [...integers]));
  };
}

function joinGates(each: readonly Gates[]): Gates {
  if (each.length === 1) return each[0];
  return {
    nodes: new Set<Node>(each.flatMap(({ nodes }) => [...nodes])),
    gateInputs: new Map(each.flatMap(({ gateInputs }) => [...gateInputs])),
  };
}
