import type { Network } from "../nn/index.js";
import type { Regrouping } from "./events.js";
import { initialState, ownerOf, type State } from "./state.js";
import { tunableLayers } from "./tunable-layers.js";

export interface RegroupOptions {
  readonly seed: number;
  /** Shape of one example. */
  readonly inputShape: readonly number[];
}

/**
 * Gives layers other groups, and new weights, as the seed has it: what they had learned is gone, and what
 * the optimizer remembers of it.
 *
 * @param wanted Groups by the layer's name.
 */
export async function regroupLayers(
  network: Network,
  state: State,
  wanted: ReadonlyMap<string, number>,
  { seed, inputShape }: RegroupOptions,
): Promise<Regrouping[]> {
  const layers = tunableLayers(network);
  const changes = [...wanted].map(([layer, to]) => ({
    layer,
    from: layers.get(layer)!.groups,
    to,
    energyKept: null,
    takenOver: null,
  }));
  for (const [name, groups] of wanted) layers.get(name)!.setGroups(groups);
  const fresh = await initialState(network, [1, ...inputShape], seed);
  for (const name of wanted.keys()) {
    const prefix = `${name === "" ? "" : `${name}.`}conv.`;
    for (const held of [...state.keys()]) if (ownerOf(held).startsWith(prefix)) state.delete(held);
    for (const [drawn, tensor] of fresh) if (drawn.startsWith(prefix)) state.set(drawn, tensor);
  }
  return changes;
}
