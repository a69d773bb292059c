import type { Node, Value } from "../../graph/index.js";
import { convInputs, isConvolution } from "../../ops/index.js";
import { mainInputs } from "./main-inputs.js";
import { piecesOf } from "./pieces.js";
import type { Topology } from "./topology.js";

/**
 * The convolutions of a detector's prediction heads. On each level, what comes after the last change or
 * merge of levels is looked at: layers whose weights several levels share are its head, with what follows them; else the branches
 * that part after the last convolution all ways pass (classes here, boxes there); else that convolution
 * alone.
 */
export function headConvolutions(topology: Topology): ReadonlySet<Node> {
  const heads = new Set<Node>();
  const levels = lastStretches(topology);
  const levelsOfWeight = new Map<Value, Set<readonly Node[]>>();
  for (const level of levels)
    for (const node of level) {
      const weight = isConvolution(node) ? weightOf(node) : null;
      if (!weight) continue;
      const users = levelsOfWeight.get(weight) ?? new Set();
      levelsOfWeight.set(weight, users.add(level));
    }
  for (const level of levels) {
    const convolutions = level.filter((node) => isConvolution(node));
    const shared = convolutions.filter(
      (node) => (levelsOfWeight.get(weightOf(node)!)?.size ?? 0) > 1,
    );
    const found =
      shared.length > 0 ? behind(shared, level) : branches(topology, level, convolutions);
    for (const node of found) heads.add(node);
  }
  // What convolves no map any more works on regions or on decoded predictions.
  for (const node of topology.order)
    if (isConvolution(node) && topology.places.get(node.outputs[0]!)?.form === "flat")
      heads.add(node);
  return heads;
}

/** These convolutions and those that read what they make: towers may be shared where predictions are not. */
function behind(first: readonly Node[], level: readonly Node[]): readonly Node[] {
  const reached = new Set(first);
  for (const node of level)
    if (node.inputs.some((input) => input?.producer && reached.has(input.producer)))
      reached.add(node);
  return [...reached].filter((node) => isConvolution(node));
}

/** What comes after the last step between levels, in pieces that hang together, each in order. */
function lastStretches(topology: Topology): Node[][] {
  const { order, gates, courses, places } = topology;
  const isMap = (value: Value | null): value is Value =>
    value !== null && places.get(value)?.form === "map";
  const goesOn = new Set<Node>();
  for (const node of order.toReversed()) {
    const readers = node.outputs.filter(isMap).flatMap((value) => value.consumers);
    const moves = courses.steps.has(node) || courses.merges.has(node);
    if (moves || readers.some((reader) => goesOn.has(reader))) goesOn.add(node);
  }
  return piecesOf(
    topology,
    order.filter((node) => !goesOn.has(node) && !gates.nodes.has(node) && node.outputs.some(isMap)),
  );
}

/** After the last convolution that all ways through a level pass; that one itself when none follows. */
function branches(
  { data, postDominators }: Topology,
  level: readonly Node[],
  convolutions: readonly Node[],
): readonly Node[] {
  const members = new Set(level);
  const isEntry = (node: Node) =>
    mainInputs(node, data).some(({ producer }) => !producer || !members.has(producer));
  let last: Node | null = null;
  let node = postDominators.nearestCommon(level.filter(isEntry));
  for (; node && members.has(node); node = postDominators.next(node))
    if (isConvolution(node)) last = node;
  if (!last) return convolutions;
  const after = convolutions.filter((node) => !postDominators.postDominates(last, node));
  return after.length > 0 ? after : [last];
}

function weightOf(node: Node): Value | null {
  return node.inputs[convInputs(node).weight] ?? null;
}
