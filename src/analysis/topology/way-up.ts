import type { Node, Value } from "../../graph/index.js";
import { isConvolution } from "../../ops/index.js";
import type { TopDownMerge } from "./courses.js";
import { mainInputs } from "./main-inputs.js";
import type { Topology } from "./topology.js";

/** What a network does with its maps after it made them coarse. */
export interface WayUp {
  /**
   * `none`: nothing becomes finer again; `decoder`: it does, and all of it leads into the finest map
   * (U-Net); `pyramid`: maps of several levels go on (feature pyramid).
   */
  readonly kind: "none" | "decoder" | "pyramid";
  readonly merges: readonly TopDownMerge[];
  /** Nodes from the image to where the way up begins, without what only leaves it for a merge. */
  readonly trunk: ReadonlySet<Node>;
  /**
   * Of a pyramid: the trunk's end, from where its two uses part, or from the convolutions on that
   * correspond to the finer levels' lateral ones.
   */
  readonly topLaterals: ReadonlySet<Node>;
  /** Of a pyramid: where all its levels become one map again; null when they never do. */
  readonly fusion: Node | null;
}

/** A pyramid's level may split for its two uses a little before the upsampling: YOLOv3 has one convolution between. */
const CONVS_AFTER_SPLIT = 2;
/** And so many nodes with their norms and activations. */
const NODES_AFTER_SPLIT = 32;

export function findWayUp(topology: Topology): WayUp {
  const { courses, postDominators } = topology;
  const merges = courses.topDown.filter(({ node }) => postDominators.reachesEnd(node));
  const trunk = trunkOf(topology, merges);
  const splits = new Set(merges.flatMap((merge) => splitBefore(topology, merge) ?? []));
  if (splits.size === 0) {
    const rises = [...courses.rises].some((node) => postDominators.reachesEnd(node));
    const kind = rises ? "decoder" : "none";
    return { kind, merges, trunk, topLaterals: new Set(), fusion: null };
  }
  const depth = lateralDepth(topology, merges, trunk);
  const topLaterals = fromHereOn(topology, trunk, [
    ...lastConvolutions(topology, trunk, depth),
    ...[...splits].flatMap(({ outputs }) => outputs.flatMap((output) => output?.consumers ?? [])),
  ]);
  const fusion = postDominators.nearestCommon([...merges.map(({ node }) => node), ...splits]);
  const isMap = fusion?.outputs.some(
    (value) => value && topology.places.get(value)?.form === "map",
  );
  return { kind: "pyramid", merges, trunk, topLaterals, fusion: isMap ? fusion : null };
}

/** Everything that leads to the first upsampling before a merge, or to any where there is no merge. */
function trunkOf(topology: Topology, merges: readonly TopDownMerge[]): ReadonlySet<Node> {
  const { order, courses, data } = topology;
  const starts = merges.flatMap(({ risen }) => risen.map((value) => courses.of.get(value)!.start));
  const rises = merges.length > 0 ? new Set(starts) : courses.rises;
  const trunk = new Set<Node>();
  const wanted = new Set<Value>();
  for (const node of order.toReversed()) {
    const isFirst =
      rises.has(node) && mainInputs(node, data).every((input) => !courses.of.get(input)?.risen);
    const leads = node.outputs.some((output) => output && wanted.has(output));
    if (leads) trunk.add(node);
    if (!isFirst && !leads) continue;
    for (const input of node.inputs) if (input && data.has(input)) wanted.add(input);
  }
  return trunk;
}

/** Where the coarser level of a merge takes a way to the outputs besides this merge; null when it has none. */
function splitBefore(topology: Topology, { node, risen }: TopDownMerge): Node | null {
  const { courses, data, postDominators } = topology;
  for (const value of risen) {
    const rise = courses.of.get(value)?.start;
    let current = rise ? mainInputs(rise, data)[0] : undefined;
    const level = current && courses.of.get(current);
    let convolutions = 0;
    for (let nodes = 0; nodes < NODES_AFTER_SPLIT && current?.producer; nodes++) {
      const { producer }: Value = current;
      if (postDominators.reachesEnd(producer) && !postDominators.postDominates(node, producer))
        return producer;
      if (isConvolution(producer)) convolutions++;
      if (producer === level?.start || convolutions > CONVS_AFTER_SPLIT) break;
      current = mainInputs(producer, data).find(
        (input) => courses.of.get(input)?.level === level?.level,
      );
    }
  }
  return null;
}

/** The most convolutions between the trunk and a merge, on a level's own side. */
function lateralDepth(
  { order, courses, data, gates }: Topology,
  merges: readonly TopDownMerge[],
  trunk: ReadonlySet<Node>,
): number {
  const depths = new Map<Value, number>();
  for (const node of order) {
    if (trunk.has(node)) continue;
    const inputs = mainInputs(node, data);
    if (inputs.some((input) => courses.of.get(input)?.risen)) continue;
    const before = largest(inputs.map((input) => depths.get(input) ?? 0));
    const depth = before + (isConvolution(node) && !gates.nodes.has(node) ? 1 : 0);
    for (const output of node.outputs) if (output) depths.set(output, depth);
  }
  return largest(merges.flatMap(({ lateral }) => lateral.map((value) => depths.get(value) ?? 0)));
}

/**
 * The last convolutions of the trunk, so many on each way: on the coarsest level, they correspond to the
 * finer levels' lateral ones.
 */
function lastConvolutions(topology: Topology, trunk: ReadonlySet<Node>, count: number): Set<Node> {
  const { order, courses, gates } = topology;
  const levelOf = (node: Node) => courses.of.get(node.outputs[0]!)?.level;
  const after = new Map<Node, number>();
  const last = new Set<Node>();
  for (const node of order.toReversed()) {
    if (!trunk.has(node)) continue;
    const readers = node.outputs.flatMap((output) => output?.consumers ?? []);
    const distances = readers
      .filter((reader) => trunk.has(reader) && !courses.rises.has(reader))
      .map((reader) => (levelOf(reader) === levelOf(node) ? after.get(reader)! : Infinity));
    const counts = isConvolution(node) && !gates.nodes.has(node);
    const distance = largest(distances) + (counts ? 1 : 0);
    after.set(node, distance);
    if (counts && distance <= count && !courses.steps.has(node)) last.add(node);
  }
  return last;
}

/** Some nodes, as far as they are of the trunk, and all that comes after them there. */
function fromHereOn(
  { order }: Topology,
  trunk: ReadonlySet<Node>,
  starts: readonly Node[],
): ReadonlySet<Node> {
  const found = new Set(starts.filter((node) => trunk.has(node)));
  for (const node of order) {
    const follows = node.inputs.some((input) => input?.producer && found.has(input.producer));
    if (follows && trunk.has(node)) found.add(node);
  }
  return found;
}

/** 0 for none. */
function largest(numbers: readonly number[]): number {
  return numbers.reduce((most, number) => Math.max(most, number), 0);
}
