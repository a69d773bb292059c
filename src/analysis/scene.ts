import { allNodes, type Model, type Node, type Value } from "../graph/index.js";
import type { Shapes } from "../runtime/index.js";
import { printable } from "../util/text.js";
import type { Convolution } from "./convolution.js";
import type { Task } from "./role.js";
import { lastLayers } from "./topology/last-layers.js";
import { mainInputs } from "./topology/main-inputs.js";
import { surveyTopology, type Topology } from "./topology/topology.js";
import { findWayUp } from "./topology/way-up.js";

/** What a network is for, as far as its graph tells. */
export interface SceneFact {
  readonly task: Task | "unknown";
  /** In words, with the names of the nodes that tell. */
  readonly reason: string;
}

/** Dense predictions are this fine at least, in pixels of the input: a quarter of its height and width. */
const DENSE_STRIDE = 4;
/** For maps that lose a few positions at their borders. */
const TOLERANCE = 1.1;

/** Only detectors have these. The names with TRT are TensorRT's plug-ins. */
const REGION_OPS = [
  ..."NonMaxSuppression RoiAlign MaxRoiPool EfficientNMS_TRT BatchedNMS_TRT".split(" "),
  ..."BatchedNMSDynamic_TRT EfficientNMSX_TRT EfficientRotatedNMS_TRT".split(" "),
];

/**
 * Guesses what a network is for from its outputs. Detection: it selects regions, or predicts on maps of
 * several strides. Segmentation: one prediction for each few pixels, after maps went coarse and came back;
 * networks for depth, poses or denoising look the same. Classification: one vector an image. Without
 * shapes the factor of an upsampling at the end is unknown, and the reason says so.
 *
 * @param surveyed The topology of the model's graph, where it is known already.
 */
export function inferScene(
  model: Model,
  convolutions: readonly Convolution[],
  shapes: Shapes | null,
  surveyed?: Topology,
): SceneFact {
  if (convolutions.length === 0)
    return { task: "unknown", reason: "the model has no convolutions" };
  const bodies = [model.graph, ...model.functions.map(({ body }) => body)];
  for (const body of bodies)
    for (const node of allNodes(body))
      if (REGION_OPS.includes(node.op))
        return { task: "detection", reason: `${quote(node)} (${node.op}) selects regions` };

  const topology = surveyed ?? surveyTopology(model.graph, shapes);
  const outputs = model.graph.outputs.filter((output) => topology.places.has(output));
  const spatial = outputs.filter((output) => topology.places.get(output)!.form !== "vector");
  if (spatial.length > 0) return sceneOfMaps(topology, spatial);
  if (outputs.length > 0) return sceneOfVectors(topology, outputs);
  return {
    task: "unknown",
    reason: "no output depends on the input in a way that can be followed",
  };
}

function sceneOfMaps(topology: Topology, outputs: readonly Value[]): SceneFact {
  const { courses, levels, places, postDominators } = topology;
  const maps = mapsBehind(topology, outputs);
  const strides = new Set(maps.flatMap((map) => places.get(map)!.stride ?? []));
  const known = [...strides].sort((a, b) => a - b);
  const [finest] = known;
  const says = (verb: string) => sentence(outputs, verb);
  const hasRisen = maps.some((map) => courses.of.get(map)?.risen);

  const distinct = [...new Set(known.map((stride) => levels.of(stride)))];
  if (distinct.length > 1 && !(finest < DENSE_STRIDE && hasRisen)) {
    const { kind, merges } = findWayUp(topology);
    const at = distinct.map((level) => format(levels.strides[level])).join(", ");
    const pyramid =
      kind === "pyramid" ? `, with a feature pyramid that starts at ${quote(merges[0].node)}` : "";
    return { task: "detection", reason: `${says("predict")} on maps of strides ${at}${pyramid}` };
  }
  const rise = [...courses.rises].findLast((node) => postDominators.reachesEnd(node));
  const coarsest = levels.strides.at(-1) ?? 1;
  if (hasRisen && rise && coarsest >= 2) {
    const way = `after maps of stride ${format(coarsest)} became finer again, last at ${quote(rise)}`;
    if (finest === undefined)
      return {
        task: "segmentation",
        reason: `${says("predict")} on a map of unknown size, ${way}`,
      };
    if (finest <= DENSE_STRIDE * TOLERANCE && finest * 2 <= coarsest * TOLERANCE)
      return {
        task: "segmentation",
        reason: `${says("predict")} for each ${pixels(finest)}, ${way}`,
      };
  }
  const at = known.length > 0 ? `of stride ${known.map(format).join(", ")}` : "of unknown stride";
  return {
    task: "unknown",
    reason: `${says("keep")} the positions of a map ${at}, which fits no task that is known here`,
  };
}

function sceneOfVectors(topology: Topology, outputs: readonly Value[]): SceneFact {
  const layers = lastLayers(topology);
  const layer = [...layers].find(([, output]) => output === outputs[0])?.[0];
  const by = layer ? `, made by ${quote(layer)} (${layer.op})` : "";
  return {
    task: "classification",
    reason: `${sentence(outputs, "give")} one vector an image${by}`,
  };
}

/** The last maps that some values were flattened out of, or are. */
function mapsBehind({ data, places }: Topology, values: readonly Value[]): Value[] {
  const seen = new Set<Value>();
  const pending = [...values];
  for (let value = pending.pop(); value; value = pending.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    if (places.get(value)?.form !== "flat" || !value.producer) continue;
    for (const input of mainInputs(value.producer, data)) pending.push(input);
  }
  return [...seen].filter((value) => places.get(value)?.form === "map");
}

function pixels(stride: number): string {
  return stride < 1.5 ? "pixel" : `${format(stride)} by ${format(stride)} pixels`;
}

function format(stride: number): string {
  return String(Number(stride.toPrecision(3)));
}

function quote(node: Node): string {
  return `"${printable(node.label, 60)}"`;
}

/** `output "a" predicts`, `outputs "a", "b" predict`: the first few by name. */
function sentence(outputs: readonly Value[], verb: string): string {
  const names = outputs.slice(0, 3).map(({ name }) => `"${printable(name, 60)}"`);
  if (outputs.length > names.length) names.push(`... (${outputs.length})`);
  return outputs.length === 1
    ? `output ${names[0]} ${verb}s`
    : `outputs ${names.join(", ")} ${verb}`;
}
