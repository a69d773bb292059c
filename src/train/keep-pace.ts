import { isOp, isOutput, type Node, type Value } from "../graph/index.js";
import { buildModel, type Network, type TunableGroupConv } from "../nn/index.js";
import { Tensor } from "../tensor/index.js";
import { product } from "../util/math.js";
import { averageName, type State } from "./state.js";
import { within } from "./tunable-layers.js";

/** A layer whose groups have changed. */
interface Changed {
  readonly name: string;
  readonly module: TunableGroupConv;
  /** Groups it had. */
  readonly from: number;
}

/**
 * Lets layers learn as fast with their groups as with those they had. Behind a batch norm the scale s of a
 * layer's weights changes nothing of what is computed, only how far a step goes: lr / s^2
 * (https://arxiv.org/abs/1706.05350), times the number of weights that add up to an output. Where that number
 * falls, s^2 falls with it. A layer whose output goes anywhere else is left as it is.
 *
 * Slicing does this by itself: what it cuts off is about that share of s^2.
 */
export function keepPace(
  network: Network,
  state: State,
  layers: readonly Changed[],
  inputShape: readonly number[],
): void {
  const { graph } = buildModel(network, { inputShape: [1, ...inputShape] });
  for (const { name, module, from } of layers) {
    const norm = normBehind(graph.find(within(name, "conv.weight"))!);
    if (!norm) continue;
    const { conv, auxScale } = module;
    const taps = product(conv.weight.shape.slice(2));
    // Of each input channel; one of the branch moves the output by its scale, twice over.
    const weights = (groups: number) => taps / groups + auxScale ** 2;
    const scale = Math.sqrt(weights(conv.groups) / weights(from));
    for (const own of ["conv.weight", "conv.bias", "aux_conv.weight", "aux_conv.bias"])
      multiply(state, within(name, own), scale);
    const [mean, variance] = norm.inputs.slice(3);
    multiply(state, mean!.name, scale);
    multiply(state, variance!.name, scale ** 2);
  }
}

/** The batch norm that alone reads the sum of a layer's convolution and its branch, and reads nothing else. */
function normBehind(weight: Value): Node | null {
  const conv = onlyReader(weight, "Conv");
  const sum = conv && onlyReader(conv.outputs[0]!, "Add");
  const norm = sum && onlyReader(sum.outputs[0]!, "BatchNormalization");
  return norm?.inputs.slice(3).every((statistic) => statistic!.consumers.length === 1)
    ? norm
    : null;
}

function onlyReader(value: Value, op: string): Node | null {
  const [reader, ...others] = value.consumers;
  if (others.length > 0 || isOutput(value)) return null;
  return reader && isOp(reader, op) ? reader : null;
}

/** A tensor and its running average. */
function multiply(state: State, name: string, factor: number): void {
  for (const held of [name, averageName(name)]) {
    const tensor = state.get(held);
    if (!tensor) continue;
    const data = tensor.data.map((value) => value * factor);
    state.set(held, new Tensor("float32", tensor.shape, data));
  }
}
