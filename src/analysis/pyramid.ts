import type { Graph, Node } from "../graph/index.js";
import type { Shapes } from "../runtime/index.js";
import type { Convolution } from "./convolution.js";
import { headConvolutions } from "./topology/heads.js";
import { leadsTo } from "./topology/leads-to.js";
import { piecesOf } from "./topology/pieces.js";
import { surveyTopology, type Topology } from "./topology/topology.js";
import { findWayUp, type WayUp } from "./topology/way-up.js";

/** A feature pyramid: coarse maps made finer meet what the way down left, and several levels go on. */
export interface Pyramid {
  /** Nodes where a coarser level meets a finer one on the way up, coarsest first. */
  readonly merges: readonly Node[];
  /** Pixels of the input for one position of each level, finest first, as far as they are known. */
  readonly strides: readonly number[];
  /** Convolutions between the trunk and the merges. */
  readonly laterals: readonly Convolution[];
  /** Convolutions on merged maps, before the heads; those of a second way down too. */
  readonly smoothing: readonly Convolution[];
}

/**
 * Finds feature pyramids (https://arxiv.org/abs/1612.03144) by their shape: upsampling, then an Add or
 * Concat with a map of the way down, with another way to the outputs for the coarser level. A U-Net,
 * whose coarser levels serve the finest one alone, has none; one with outputs at several levels looks
 * like one.
 */
export function findPyramids(
  graph: Graph,
  convolutions: readonly Convolution[],
  shapes: Shapes | null,
  topology: Topology = surveyTopology(graph, shapes),
): Pyramid[] {
  const wayUp = findWayUp(topology);
  if (wayUp.kind !== "pyramid") return [];
  const neck = neckNodes(topology, wayUp);
  const mergeAt = new Map(wayUp.merges.map((merge) => [merge.node, merge]));
  const towardsMerge = leadsTo(topology, new Set(mergeAt.keys()));
  const { courses, levels, gates } = topology;

  return piecesOf(topology, neck).flatMap((piece) => {
    const merges = piece.flatMap((node) => mergeAt.get(node) ?? []);
    if (merges.length === 0) return [];
    const members = new Set(piece);
    const layers = convolutions.filter(({ node }) => members.has(node) && !gates.nodes.has(node));
    const isLateral = ({ node, y }: Convolution) =>
      towardsMerge.has(node) && !courses.of.get(y)?.risen;
    const reached = merges.flatMap(({ node, risen }) => [
      courses.of.get(node.outputs[0]!)?.level,
      ...risen.map((value) => courses.of.get(value)?.from),
    ]);
    const known = [...new Set(reached)].filter((level) => typeof level === "number");
    return {
      merges: merges.map(({ node }) => node),
      strides: known.sort((a, b) => a - b).map((level) => levels.strides[level]),
      laterals: layers.filter(isLateral),
      smoothing: layers.filter((layer) => !isLateral(layer)),
    };
  });
}

/** What lies between the trunk and the fusion of all levels, or the heads where there is none. */
export function neckNodes(topology: Topology, wayUp: WayUp): ReadonlySet<Node> {
  const { trunk, topLaterals, fusion } = wayUp;
  const heads = fusion ? null : headConvolutions(topology);
  const before = fusion ? leadsTo(topology, new Set([fusion])) : null;
  const isNeck = (node: Node) =>
    (!trunk.has(node) || topLaterals.has(node)) &&
    (before?.has(node) ?? !heads!.has(node)) &&
    node !== fusion;
  return new Set(topology.order.filter(isNeck));
}
