import { type Graph, type Node, topologicalOrder, type Value } from "../../graph/index.js";
import type { Shapes } from "../../runtime/index.js";
import { dataValues } from "../data-values.js";
import { findGates, type Gates } from "../gates.js";
import { Courses } from "./courses.js";
import { Levels } from "./levels.js";
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
  /** On the ways to the outputs that no vector interrupts. */
  readonly postDominators: PostDominators<Node>;
}

export function surveyTopology(graph: Graph, shapes: Shapes | null): Topology {
  const order = topologicalOrder(graph);
  const data = dataValues(order);
  const gates = findGates(graph, shapes);
  const places = findPlaces(graph, order, data, shapes);
  const levels = new Levels(places);
  const courses = new Courses(order, graph.freeInputs, data, places, levels);
  const outputs = new Set(graph.outputs);
  const spatial = (node: Node) =>
    node.outputs.filter((value) => value !== null && isSpatial(places, value)) as Value[];
  const postDominators = new PostDominators(order.toReversed(), (node) =>
    spatial(node).flatMap((value) => [...value.consumers, ...(outputs.has(value) ? [null] : [])]),
  );
  return { graph, order, data, gates, places, levels, courses, postDominators };
}

function isSpatial(places: Places, value: Value): boolean {
  const form = places.get(value)?.form;
  return form === "map" || form === "flat";
}
