import type { Network, TunableGroupConv } from "../nn/index.js";
import { fitPointwise, keptEnergy, kernelEnergy, regroup } from "../regroup/index.js";
import { Tensor } from "../tensor/index.js";
import type { Batch } from "./data/index.js";
import { type Cut, droppedSums } from "./dropped-sums.js";
import type { Regrouping } from "./events.js";
import { keepPace } from "./keep-pace.js";
import { orderChannels } from "./order-channels.js";
import { averageName, initialState, ownerOf, type State } from "./state.js";
import { tunableLayers, within } from "./tunable-layers.js";

/**
 * What becomes of the weights of a layer whose groups change. `reset`: new ones are drawn, as in the seed.
 * `slice`: kernels that the new groups still have stay where they are. `inherit`: first the channels are
 * put in the order in which most can stay, then the 1x1 branch takes over what it can of the rest, and
 * what a batch norm reads is scaled so that it learns no slower than before.
 */
export const WEIGHT_CARRIES = ["inherit", "slice", "reset"] as const;
export type WeightCarry = (typeof WEIGHT_CARRIES)[number];

export interface RegroupOptions {
  readonly weights: WeightCarry;
  /** Of what is drawn. */
  readonly seed: number;
  /** Shape of one example. */
  readonly inputShape: readonly number[];
  /** Examples that the 1x1 branches are fitted on. */
  readonly calibration: () => AsyncIterable<Batch>;
}

/**
 * Gives layers other groups, and the state the weights that go with them; what the optimizer remembers of a
 * weight goes its way.
 *
 * @param wanted Groups by the layer's name.
 */
export async function regroupLayers(
  network: Network,
  state: State,
  wanted: ReadonlyMap<string, number>,
  options: RegroupOptions,
): Promise<Regrouping[]> {
  const tunable = tunableLayers(network);
  const layers = [...wanted].map(
    ([name, to]): Layer => ({
      name,
      module: tunable.get(name)!,
      from: tunable.get(name)!.groups,
      to,
    }),
  );
  if (options.weights === "reset") return reset(network, state, layers, options);
  if (options.weights === "slice")
    return layers.map((layer) => ({ ...cut(state, layer), takenOver: null }));

  // Written densely, so that channels can change groups as well.
  for (const layer of layers) cut(state, { ...layer, to: 1 });
  const dense = layers.map((layer) => ({ ...layer, from: 1 }));
  const cuts = dense.map(cutOf);
  await orderChannels(network, state, cuts, options.inputShape);
  const takenOver = await moveIntoBranches(network, state, dense, options);
  const changes = dense.map((layer, i) => ({
    ...cut(state, layer),
    from: layers[i].from,
    takenOver: takenOver[i],
  }));
  keepPace(network, state, layers, options.inputShape);
  return changes;
}

interface Layer {
  readonly name: string;
  readonly module: TunableGroupConv;
  readonly from: number;
  readonly to: number;
}

function cutOf({ name, from, to }: Layer): Cut {
  return { weight: within(name, "conv.weight"), from, to };
}

/** Gives a layer its groups, and all of its weight's shape the kernels it still has. */
function cut(state: State, layer: Layer): Omit<Regrouping, "takenOver"> {
  const { name, module, from, to } = layer;
  const { weight } = cutOf(layer);
  const energyKept = shareKept(state.get(weight)!, from, to);
  for (const [held, tensor] of state)
    if (ownerOf(held) === weight) state.set(held, regroup(tensor, from, to));
  module.setGroups(to);
  return { layer: name, from, to, energyKept };
}

async function reset(
  network: Network,
  state: State,
  layers: readonly Layer[],
  { seed, inputShape }: RegroupOptions,
): Promise<Regrouping[]> {
  for (const { module, to } of layers) module.setGroups(to);
  const fresh = await initialState(network, [1, ...inputShape], seed);
  return layers.map(({ name, from, to }) => {
    for (const own of [within(name, "conv.weight"), within(name, "conv.bias")]) {
      for (const held of [...state.keys()]) if (ownerOf(held) === own) state.delete(held);
      state.set(own, fresh.get(own)!);
    }
    return { layer: name, from, to, energyKept: null, takenOver: null };
  });
}

/** Share of the squared weights that the new groups still have. */
function shareKept(weight: Tensor<"float32">, from: number, to: number): number {
  const energy = kernelEnergy(weight, from);
  const all = keptEnergy(energy, 1);
  return all > 0 ? keptEnergy(energy, to) / all : 1;
}

/** Adds to each 1x1 branch what comes closest to the kernels that are about to go; what share it took over. */
async function moveIntoBranches(
  network: Network,
  state: State,
  layers: readonly Layer[],
  { calibration, inputShape }: RegroupOptions,
): Promise<number[]> {
  const sums = await droppedSums(network, state, layers.map(cutOf), calibration(), inputShape);
  const shares: number[] = [];
  for (const [i, { name, module }] of layers.entries()) {
    const fit =
      module.auxScale === 0 ? null : await fitPointwise(sums[i], { scale: module.auxScale });
    if (fit) addTo(state, within(name, "aux_conv.weight"), fit.weight);
    if (fit) addTo(state, within(name, "aux_conv.bias"), fit.bias!);
    shares.push(fit?.explained ?? 0);
  }
  return shares;
}

/** Adds to a parameter, and to its running average. */
function addTo(state: State, name: string, change: Tensor<"float32">): void {
  for (const held of [name, averageName(name)]) {
    const tensor = state.get(held);
    if (!tensor) continue;
    const data = tensor.data.map((value, i) => value + change.data[i]);
    state.set(held, new Tensor("float32", tensor.shape, data));
  }
}
