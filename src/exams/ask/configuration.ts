import { type Convolution, constantValues, type FastPathFacts } from "../../analysis/index.js";
import type { Model } from "../../graph/index.js";
import { groupsProblem } from "../../groups/index.js";
import { convAttributes, convInputs, resolvePads, resolveTransposePads } from "../../ops/index.js";
import { isFoldable, type Kind, readsIntegers } from "./kind.js";
import { kindOf } from "./layer-kind.js";
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

/** What is known of the kernels that a target has. */
export interface ConfigurationFacts extends Pick<FastPathFacts, "integers"> {
  /** Null on a target without a blocked layout. */
  readonly fastPaths: FastPathFacts["fastPaths"] | null;
}

/** Groups the convolutions of a model by all that decides about their time but their groups. */
export function findConfigurations(
  convolutions: readonly Convolution[],
  { fastPaths, integers }: ConfigurationFacts,
  model: Model,
): Configurations {
  const surroundings = new SurroundingsReader(fastPaths);
  const facts = { integers, constants: constantValues(model) };
  const found = new Map<string, { configuration: Configuration; layers: Convolution[] }>();
  const unswept: { layer: string; reason: string }[] = [];
  for (const layer of convolutions) {
    const kind = whyNot(layer) ?? kindOf(layer, facts);
    if (typeof kind === "string") {
      unswept.push({ layer: layer.name, reason: kind });
      continue;
    }
    const configuration = configurationOf(layer, kind, surroundings);
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
    ...otherThanFloat32(configuration),
  ].join(" ");
}

/** Nothing for a Conv of float32 with a constant weight. */
function otherThanFloat32(configuration: Configuration): string[] {
  const { op, dataType, weight, outputPadding } = configuration;
  if (isFoldable(configuration) && dataType === "float32") return [];
  const { dtype, source, scales } = weight;
  return [op, dataType, dtype, source, scales ?? "", outputPadding.join("x")];
}

function whyNot(layer: Convolution): string | null {
  if (!layer.inShape || !layer.outShape) return "its shape is not known";
  return groupsProblem(layer.groups, layer.inChannels, layer.outChannels);
}

function configurationOf(
  layer: Convolution,
  kind: Kind,
  surroundings: SurroundingsReader,
): Configuration {
  const { before, after, norm, activation } = surroundings.read(layer);
  const { kernel, strides, dilations, node } = layer;
  const [inShape, outShape] = [layer.inShape!, layer.outShape!];
  const hasBias = !!node.inputs[convInputs(node).bias];
  // a norm is only folded into constants, and what follows it is then fused into the layer
  const isFused = kind.op === "Conv" && !readsIntegers(kind) && (isFoldable(kind) || !norm);
  const layout = (shape: readonly number[], wanted: Configuration["before"]) =>
    isFoldable(kind) && canBeBlocked(shape) ? wanted : "plain";
  return {
    ...kind,
    inShape,
    outShape,
    kernel,
    strides,
    dilations,
    ...padding(layer, inShape, outShape),
    bias: hasBias || (norm !== null && isFoldable(kind)),
    activation: isFused ? (activation?.op ?? null) : null,
    before: layout(inShape, before),
    after: layout(outShape, after),
  };
}

function padding(
  { op, node, kernel }: Convolution,
  inShape: readonly number[],
  outShape: readonly number[],
): Pick<Configuration, "pads" | "outputPadding"> {
  const [inSize, outSize] = [inShape.slice(2), outShape.slice(2)];
  if (op === "ConvTranspose") return resolveTransposePads(node, kernel, inSize, outSize);
  return { pads: resolvePads(convAttributes(node), kernel, inSize), outputPadding: [] };
}

/** Images whose channels fill vectors of four: others are copied into blocks by no kernel. */
function canBeBlocked(shape: readonly number[]): boolean {
  return shape.length === 4 && shape[1] % 4 === 0;
}
