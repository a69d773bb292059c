import type { GroupWarmup } from "../groups/index.js";
import type { Network } from "../nn/index.js";
import type { Regrouping } from "./events.js";
import { type RegroupOptions, regroupLayers } from "./regroup-layers.js";
import type { State } from "./state.js";
import { tunableLayers } from "./tunable-layers.js";

/** Gives every `TunableGroupConv` the groups of this epoch (S17, S20); says what changed. */
export async function warmUpGroups(
  network: Network,
  state: State,
  warmup: GroupWarmup,
  epoch: number,
  options: RegroupOptions,
): Promise<Regrouping[]> {
  const wanted = new Map<string, number>();
  for (const [name, layer] of tunableLayers(network)) {
    const groups = warmup.validFor(layer.inChannels, layer.outChannels)(epoch);
    if (groups !== layer.groups) wanted.set(name, groups);
  }
  return wanted.size === 0 ? [] : regroupLayers(network, state, wanted, options);
}
