import { type Node, type Value, valuesRead } from "../graph/index.js";
import { printable } from "../util/text.js";
import { neckNodes } from "./pyramid.js";
import type { Role } from "./role.js";
import type { SceneFact } from "./scene.js";
import type { Depths } from "./topology/depths.js";
import { headConvolutions } from "./topology/heads.js";
import { lastLayers } from "./topology/last-layers.js";
import { leadsTo } from "./topology/leads-to.js";
import type { Topology } from "./topology/topology.js";
import { findWayUp, type WayUp } from "./topology/way-up.js";

export interface InferredRole {
  readonly role: Role;
  /** In words. */
  readonly why: string;
}

/** Says of a convolution of one graph what it does there. */
export type RolePlan = (node: Node) => InferredRole;

/** What the roles of a graph are told apart by. */
interface Survey {
  readonly topology: Topology;
  readonly wayUp: WayUp;
  /** The layers after which no other one comes, and the output they make. */
  readonly lastLayers: ReadonlyMap<Node, Value>;
}

export function planRoles(topology: Topology, depths: Depths, task: SceneFact["task"]): RolePlan {
  const survey = { topology, wayUp: findWayUp(topology), lastLayers: lastLayers(topology) };
  const live = liveNodes(topology);
  const ends = gateEnds(topology);
  const plan = planFor(survey, task);
  return (node) => {
    const end = ends.get(node);
    if (end) return { role: "gate", why: `in the gate that ends as a factor of ${quote(end)}` };
    if (!live.has(node)) return { role: "unknown", why: "no output depends on it" };
    if (depths.of.get(node) === 0) return { role: "stem", why: "no convolution comes before it" };
    return plan(node);
  };
}

function planFor(survey: Survey, task: SceneFact["task"]): RolePlan {
  const { kind, fusion } = survey.wayUp;
  if (task === "classification") return plainRoles(survey, new Set());
  if (task === "detection")
    return kind === "none"
      ? plainRoles(survey, headConvolutions(survey.topology))
      : neckRoles(survey);
  if (kind === "none") return plainRoles(survey, new Set());
  // Where a segmentation network has outputs at several levels, they supervise its decoder.
  const isPyramid = kind === "pyramid" && (fusion !== null || task !== "segmentation");
  return isPyramid ? neckRoles(survey) : decoderRoles(survey);
}

function plainRoles({ topology, lastLayers }: Survey, heads: ReadonlySet<Node>): RolePlan {
  return (node) => {
    const output = lastLayers.get(node);
    if (output) return lastLayer(output);
    if (heads.has(node)) return { role: "head", why: "predicts from the maps of its level" };
    if (topology.places.get(node.outputs[0]!)?.form === "vector")
      return { role: "head", why: "comes after global pooling" };
    return { role: "body", why: "between the first layer and the prediction" };
  };
}

function neckRoles({ topology, wayUp }: Survey): RolePlan {
  const { trunk, topLaterals, fusion } = wayUp;
  const neck = neckNodes(topology, wayUp);
  const towardsMerge = leadsToMerge(topology, wayUp);
  return (node) => {
    if (trunk.has(node) && !topLaterals.has(node))
      return { role: "body", why: "before the first upsampling" };
    if (!neck.has(node)) {
      const why = fusion
        ? `after ${quote(fusion)}, where all levels are one`
        : "predicts from the maps of its level";
      return { role: "head", why };
    }
    const isLateral = towardsMerge.has(node) && !hasRisen(topology, node);
    return {
      role: "neck",
      why: isLateral
        ? "leads from the trunk to a merge of levels"
        : "works on merged levels, before the heads",
    };
  };
}

function decoderRoles({ topology, wayUp, lastLayers }: Survey): RolePlan {
  const towardsMerge = leadsToMerge(topology, wayUp);
  return (node) => {
    const output = lastLayers.get(node);
    if (output) return lastLayer(output);
    if (hasRisen(topology, node)) return { role: "decoder", why: "after the first upsampling" };
    if (wayUp.trunk.has(node)) return { role: "encoder", why: "before the first upsampling" };
    if (towardsMerge.has(node))
      return { role: "skip", why: "on a connection from the way down to the way up" };
    return { role: "head", why: "on a way of its own from the way down to an output" };
  };
}

function lastLayer(output: Value): InferredRole {
  const name = printable(output.name, 60);
  return { role: "head", why: `no layer comes after it on a way to output "${name}"` };
}

function hasRisen({ courses }: Topology, node: Node): boolean {
  return courses.of.get(node.outputs[0]!)?.risen ?? false;
}

function leadsToMerge(topology: Topology, { merges }: WayUp): ReadonlySet<Node> {
  return leadsTo(topology, new Set(merges.map(({ node }) => node)));
}

/** The nodes some output of the graph depends on. */
function liveNodes({ graph, order, data }: Topology): ReadonlySet<Node> {
  const wanted = new Set<Value>(graph.outputs);
  const live = new Set<Node>();
  for (const node of order.toReversed()) {
    if (!node.outputs.some((output) => output && wanted.has(output))) continue;
    live.add(node);
    for (const value of valuesRead(node)) if (data.has(value)) wanted.add(value);
  }
  return live;
}

/** For each node of a gate, the multiplication in which it ends. */
function gateEnds({ order, gates }: Topology): ReadonlyMap<Node, Node> {
  const ends = new Map<Node, Node>();
  for (const node of order.toReversed()) {
    if (!gates.nodes.has(node)) continue;
    const readers = node.outputs.flatMap((output) => output?.consumers ?? []);
    const end = readers
      .map((reader) => ends.get(reader) ?? reader)
      .find((one) => gates.gateInputs.has(one));
    if (end) ends.set(node, end);
  }
  return ends;
}

function quote(node: Node): string {
  return `"${printable(node.label, 60)}"`;
}
