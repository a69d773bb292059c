import type { Convolution } from "../../src/analysis/index.js";
import { isOutput, type Node, type Value } from "../../src/graph/index.js";
import { validGroups } from "../../src/groups/index.js";
import type { Site } from "./fault.js";
import type { Patient } from "./patient.js";

/** Plain convolutions of the main graph with a constant weight: those whose groups can be changed. */
export function plainLayers({ convolutions, model }: Patient): Convolution[] {
  return convolutions.filter(
    ({ op, weight, node }) =>
      (op === "Conv" || op === "ConvTranspose") && weight !== null && node.graph === model.graph,
  );
}

/** Without the transposed ones: how many outputs those have is told by their groups. */
export function convLayers(patient: Patient): Convolution[] {
  return plainLayers(patient).filter(({ op }) => op === "Conv");
}

export function denseLayers(patient: Patient): Convolution[] {
  return plainLayers(patient).filter(({ kind }) => kind === "dense");
}

/** Valid group counts that leave several channels in each of several groups. */
export function groupedCounts({ inChannels, outChannels, groups }: Convolution): number[] {
  const most = Math.min(inChannels, outChannels);
  return validGroups(inChannels, outChannels).filter(
    (count) => count > 1 && count < most && count !== groups,
  );
}

/** A site at each layer that can have one of the group counts `choose` gives for it. */
export function regroupSites(
  layers: readonly Convolution[],
  choose: (layer: Convolution) => readonly number[],
): Site[] {
  return layers.flatMap((layer) => {
    const counts = choose(layer);
    if (counts.length === 0) return [];
    return {
      at: layer.name,
      plant: (copy) => {
        copy.regroup(layer, counts[copy.rng.integer(0, counts.length)]);
        return [layer.name];
      },
    };
  });
}

/** Operators that treat every channel by itself. */
const CHANNELWISE = new Set(
  "BatchNormalization Relu Clip LeakyRelu PRelu Sigmoid HardSigmoid HardSwish Elu Dropout Identity MaxPool AveragePool".split(
    " ",
  ),
);

/** The first node behind a value that is not channel by channel; null where there are several, or an output. */
export function readerBehind(value: Value): Node | null {
  let current = value;
  for (;;) {
    const readers = current.consumers.filter(({ op }) => op !== "Shape");
    if (readers.length !== 1 || isOutput(current)) return null;
    const [node] = readers;
    if (!CHANNELWISE.has(node.op)) return node;
    current = node.outputs[0]!;
  }
}

/** The layer a value comes from through operators that treat every channel by itself. */
export function layerBefore(patient: Patient, value: Value): Convolution | undefined {
  let producer = value.producer;
  while (producer && CHANNELWISE.has(producer.op)) producer = producer.inputs[0]?.producer ?? null;
  return patient.layerOf(producer);
}

/** A power of two that divides the channels and leaves at least four in a group; null when there is none. */
export function easyGroups(channels: number): number | null {
  return [8, 4, 2].find((groups) => channels % groups === 0 && channels / groups >= 4) ?? null;
}
