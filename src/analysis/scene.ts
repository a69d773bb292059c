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
 */
export function inferScene(
  model: Model,
  convolutions: readonly Convolution[],
  shapes: Shapes | null,
): SceneFact {
  if (convolutions.length === 0)
    return { task: "unknown", reason: "the model has no convolutions" };
  const bodies = [model.graph, ...model.functions.map(({ body }) => body)];
  for (const body of bodies)
    for (const node of allNodes(body))
      if (REGION_OPS.includes(node.op))
        return { task: "detection", reason: `${quote(node)} (${node.op}) selects regions` };

  const topology = surveyTopology(model.graph, shapes);
  const outputs = topology.graph.outputs.flatMap((value) => describe(topology, value) ?? []);
  return (
    sceneOfMaps(
      topology,
      outputs.filter(({ maps }) => maps.length > 0),
    ) ??
    sceneOfVectors(topology, outputs) ?? {
      task: "unknown",
      reason: "no output depends on the input in a way that could be followed",
    }
  );
}

/** An output, and the last maps it was made of; none for a vector. */
interface Output {
  readonly value: Value;
  readonly isMap: boolean;
  readonly maps: readonly Value[];
}

function describe({ data, places }: Topology, value: Value): Output | null {
  const form = places.get(value)?.form;
  if (!form) return null;
  const maps = new Set<Value>();
  const seen = new Set<Value>();
  const pending = form === "vector" ? [] : [value];
  for (let current = pending.pop(); current; current = pending.pop()) {
    if (seen.has(current)) continue;
    seen.add(current);
    const place = places.get(current);
    if (place?.form === "map") maps.add(current);
    else if (place?.form === "flat" && current.producer)
      pending.push(...mainInputs(current.producer, data));
  }
  return { value, isMap: form === "map", maps: [...maps] };
}

function sceneOfMaps(topology: Topology, outputs: readonly Output[]): SceneFact | null {
  if (outputs.length === 0) return null;
  const { courses, levels, places } = topology;
  const maps = outputs.flatMap((output) => output.maps);
  const strides = [...new Set(maps.map((map) => places.get(map)!.stride))];
  const known = strides.filter((stride) => stride !== null).sort((a, b) => a - b);
  const names = list(outputs.map(({ value }) => value));
  const risen = outputs.filter((output) => output.maps.some((map) => courses.of.get(map)?.risen));
  const finest = known[0];

  const distinct = [...new Set(known.map((stride) => levels.of(stride)))];
  if (distinct.length > 1 && !(finest < DENSE_STRIDE && risen.length > 0)) {
    const [merge] = findWayUp(topology).merges;
    const pyramid = merge
      ? `, with a feature pyramid that merges levels at ${quote(merge.node)}`
      : "";
    const at = distinct.map((level) => format(levels.strides[level])).join(", ");
    return {
      task: "detection",
      reason: `output ${names} predicts on maps of strides ${at}${pyramid}`,
    };
  }
  const coarsest = levels.strides.at(-1) ?? 1;
  const rise = [...courses.rises].at(-1);
  if (risen.length > 0 && rise && coarsest >= 2) {
    const way = `after maps of stride ${format(coarsest)} became finer again, last at ${quote(rise)}`;
    if (finest === undefined)
      return {
        task: "segmentation",
        reason: `output ${names} is a map of unknown size ${way}`,
      };
    if (finest <= DENSE_STRIDE * 1.1 && finest * 2 <= coarsest * 1.1)
      return {
        task: "segmentation",
        reason: `output ${names} predicts for each ${perPixels(finest)}, ${way}`,
      };
  }
  const at = known.length > 0 ? `of stride ${known.map(format).join(", ")}` : "of unknown stride";
  return {
    task: "unknown",
    reason: `output ${names} keeps positions of a map ${at}: neither one vector an image, nor several scales, nor as fine as the input`,
  };
}

function sceneOfVectors(topology: Topology, outputs: readonly Output[]): SceneFact | null {
  if (outputs.length === 0) return null;
  const layers = lastLayers(topology);
  const names = list(outputs.map(({ value }) => value));
  const layer = [...layers].find(([, output]) => output === outputs[0].value)?.[0];
  const by = layer ? `, made by ${quote(layer)} (${layer.op})` : "";
  return { task: "classification", reason: `output ${names} is one vector an image${by}` };
}

function perPixels(stride: number): string {
  return stride < 1.5 ? "pixel" : `${format(stride)} by ${format(stride)} pixels`;
}

function format(stride: number): string {
  return String(Number(stride.toPrecision(3)));
}

function quote(node: Node): string {
  return `"${printable(node.label, 60)}"`;
}

/** Names of some values, the first few. */
function list(values: readonly Value[]): string {
  const names = values.slice(0, 3).map(({ name }) => `"${printable(name, 60)}"`);
  return names.join(", ") + (values.length > 3 ? `, ... (${values.length})` : "");
}
