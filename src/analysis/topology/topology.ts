import { type Graph, type Node, topologicalOrder, type Value } from "../../graph/index.js";
import type { Shapes } from "../../runtime/index.js";
import { dataValues } from "../data-values.js";
import { findGates, type Gates } from "../gates.js";
import { Courses } from "./courses.js";
import { Levels } from "./levels.js";
import { mainInputs } from "./main-inputs.js";
import { findPlaces, type Places } from "./places.js";
import { PostDominators } from "./post-dominators.js";

/** The lie of one graph's land: what scene, roles and pyramids are read from. */
export interface Topology {
  readonly graph: Graph;
  /** Nodes, each after what it reads. */
  readonly order: readonly Node[];
  readonly data: ReadonlySet<Value>;
  readonly gates: Gates;
  readonly places: Places;
  readonly levels: Levels;
  readonly courses: Courses;
  /** On the ways to the outputs, but for those through vectors and gates. */
  readonly postDominators: PostDominators<Node>;
}

export function surveyTopology(graph: Graph, shapes: Shapes | null): Topology {
  const order = topologicalOrder(graph);
  const data = dataValues(order);
  const gates = findGates(graph, shapes);
  const places = findPlaces(graph, order, data, shapes);
  const levels = new Levels(places);
  const courses = new Courses(order, graph.freeInputs, data, places, levels);
  const postDominators = new PostDominators(
    order.toReversed(),
    spatialEdges(graph, order, data, places),
  );
  return { graph, order, data, gates, places, levels, courses, postDominators };
}

/** What a node leads to by maps and what is flattened out of them; null for an output of the graph. */
function spatialEdges(
  graph: Graph,
  order: readonly Node[],
  data: ReadonlySet<Value>,
  places: Places,
): (node: Node) => (Node | null)[] {
  const edges = new Map<Node, (Node | null)[]>(order.map((node) => [node, []]));
  const connect = (value: Value, target: Node | null) => {
    const form = places.get(value)?.form;
    if (value.producer && (form === "map" || form === "flat"))
      edges.get(value.producer)?.push(target);
  };
  for (const node of order) for (const value of mainInputs(node, data)) connect(value, node);
  for (const output of graph.outputs) connect(output, null);
  return (node) => edges.get(node) ?? [];
}
