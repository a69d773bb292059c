import { findChannelSpaces, permuteTensors } from "../analysis/index.js";
import { buildModel, type Network } from "../nn/index.js";
import { channelOrders, kernelEnergy } from "../regroup/index.js";
import type { Tensor } from "../tensor/index.js";
import type { Cut } from "./dropped-sums.js";
import { ownerOf, type State } from "./state.js";

/**
 * Puts the channels of a network in the order in which dense convolutions that are about to be cut keep
 * the most. The network stays the same function: all that reads or writes a channel moves with it, what the
 * optimizer remembers too.
 */
export async function orderChannels(
  network: Network,
  state: State,
  cuts: readonly Cut[],
  inputShape: readonly number[],
): Promise<void> {
  const spaces = await findChannelSpaces(buildModel(network, { inputShape: [1, ...inputShape] }));
  const layers = cuts.map(({ weight, to }) =>
    spaces.groupingLayer(weight, to, kernelEnergy(state.get(weight)!)),
  );
  const { orders } = channelOrders(layers);
  const free = new Map([...orders].filter(([space]) => !space.pinned));
  for (const [suffix, tensors] of bySuffix(state))
    for (const [name, tensor] of permuteTensors(tensors, spaces, free))
      state.set(`${name}${suffix}`, tensor);
}

/** Parameters and buffers behind `""`, momenta behind `#momentum`, each by the parameter's name. */
function bySuffix(state: State): Map<string, Map<string, Tensor<"float32">>> {
  const result = new Map<string, Map<string, Tensor<"float32">>>();
  for (const [name, tensor] of state) {
    const owner = ownerOf(name);
    const suffix = name.slice(owner.length);
    result.set(suffix, (result.get(suffix) ?? new Map()).set(owner, tensor));
  }
  return result;
}
