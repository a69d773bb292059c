import type { GroupWarmup } from "../groups/index.js";
import type { Network } from "../nn/index.js";
import type { Regrouping } from "./events.js";
import { type RegroupOptions, regroupLayers, type WeightCarry } from "./regroup-layers.js";
import type { State } from "./state.js";
import { tunableLayers } from "./tunable-layers.js";

/** A schedule for the groups, and what becomes of the weights at each of its steps. */
export interface WarmupPlan {
  readonly schedule: GroupWarmup;
  /** Defaults to `inherit`. */
  readonly weights?: WeightCarry;
}

/** Gives every `TunableGroupConv` the groups of this epoch (S17, S20); says what changed. */
export async function warmUpGroups(
  network: Network,
  state: State,
  warmup: GroupWarmup | WarmupPlan,
  epoch: number,
  options: Omit<RegroupOptions, "weights">,
): Promise<Regrouping[]> {
  const { schedule, weights = "inherit" } =
    typeof warmup === "function" ? { schedule: warmup } : warmup;
  const wanted = new Map<string, number>();
  for (const [name, layer] of tunableLayers(network)) {
    const groups = schedule.validFor(layer.inChannels, layer.outChannels)(epoch);
    if (groups !== layer.groups) wanted.set(name, groups);
  }
  if (wanted.size === 0) return [];
  return regroupLayers(network, state, wanted, { ...options, weights });
}
