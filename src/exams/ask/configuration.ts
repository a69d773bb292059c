import type { Convolution, FastPath } from "../../analysis/index.js";
import { groupsProblem } from "../../groups/index.js";
import { convAttributes, convInputs, resolvePads } from "../../ops/index.js";
import type { Configuration } from "./section.js";
import { SurroundingsReader } from "./surroundings.js";

/** A configuration, and the layers of the model that are one. */
export interface ConfiguredLayers {
  readonly configuration: Configuration;
  readonly layers: readonly Convolution[];
}

export interface Configurations {
  readonly configured: readonly ConfiguredLayers[];
  readonly unswept: readonly { readonly layer: string; readonly reason: string }[];
}

/**
 * Groups the convolutions of a model by all that decides about their time but their groups.
 * @param fastPaths Null on a target without a blocked layout.
 */
export function findConfigurations(
  convolutions: readonly Convolution[],
  fastPaths: ReadonlyMap<Convolution, FastPath> | null,
): Configurations {
  const surroundings = new SurroundingsReader(fastPaths);
  const found = new Map<string, { configuration: Configuration; layers: Convolution[] }>();
  const unswept: { layer: string; reason: string }[] = [];
  for (const layer of convolutions) {
    const reason = whyNot(layer);
    if (reason !== null) {
      unswept.push({ layer: layer.name, reason });
      continue;
    }
    const configuration = configurationOf(layer, surroundings);
    const key = configurationKey(configuration);
    const known = found.get(key);
    if (known) known.layers.push(layer);
    else found.set(key, { configuration, layers: [layer] });
  }
  return { configured: [...found.values()], unswept };
}

/** Equal for equal configurations, in this process and in every other. */
export function configurationKey(configuration: Configuration): string {
  const { inShape, outShape, kernel, strides, dilations, pads } = configuration;
  const { bias, activation, before, after } = configuration;
  return [
    ...[inShape, outShape, kernel, strides, dilations, pads].map((sizes) => sizes.join("x")),
    bias ? "bias" : "",
    activation ?? "",
    `${before}-${after}`,
  ].join(" ");
}

function whyNot({ node, op, name, ...layer }: Convolution): string | null {
  const weight = layer.weight?.initializer ?? null;
  const constant = layer.weight?.producer?.attributes.get("value");
  const dtype = weight?.dtype ?? (constant?.type === "tensor" ? constant.value.dtype : undefined);
  if (op !== "Conv" || node.domain !== "") return `${op} is not timed, only Conv`;
  if (dtype !== "float32") return "its weight is no float32 constant";
  if (!layer.inShape || !layer.outShape) return "its shape is not known";
  return groupsProblem(layer.groups, layer.inChannels, layer.outChannels);
}

function configurationOf(layer: Convolution, surroundings: SurroundingsReader): Configuration {
  const { before, after, activation } = surroundings.read(layer);
  const { kernel, strides, dilations, node } = layer;
  const [inShape, outShape] = [layer.inShape!, layer.outShape!];
  const norm = layer.y.uses.length === 1 && layer.y.uses[0].node.op === "BatchNormalization";
  return {
    inShape,
    outShape,
    kernel,
    strides,
    dilations,
    pads: resolvePads(convAttributes(node), kernel, inShape.slice(2)),
    bias: !!node.inputs[convInputs(node).bias] || norm,
    activation: activation?.op ?? null,
    before: canBeBlocked(inShape) ? before : "plain",
    after: canBeBlocked(outShape) ? after : "plain",
  };
}

/** Images whose channels fill vectors of four: others are copied into blocks by no kernel. */
function canBeBlocked(shape: readonly number[]): boolean {
  return shape.length === 4 && shape[1] % 4 === 0;
}
