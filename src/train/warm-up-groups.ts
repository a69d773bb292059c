import type { GroupWarmup } from "../groups/index.js";
import type { Network } from "../nn/index.js";
import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import type { Regrouping } from "./events.js";
import {
  type RegroupOptions,
  regroupLayers,
  WEIGHT_CARRIES,
  type WeightCarry,
} from "./regroup-layers.js";
import type { State } from "./state.js";
import { tunableLayers } from "./tunable-layers.js";

/** A schedule for the groups, and what becomes of the weights at each of its steps. */
export interface WarmupPlan {
  readonly schedule: GroupWarmup;
  /** Defaults to `inherit`. */
  readonly weights?: WeightCarry;
}

/** @throws UsageError for a warm-up of no layer, or weights that are carried in no known way. */
export function checkWarmup(network: Network, warmup: GroupWarmup | WarmupPlan): void {
  const { weights } = planOf(warmup);
  if (!WEIGHT_CARRIES.includes(weights))
    throw new UsageError(
      `fit: groupWarmup.weights=${printable(String(weights))} must be one of ${WEIGHT_CARRIES.join(", ")}`,
    );
  if (tunableLayers(network).size === 0)
    throw new UsageError("fit: groupWarmup needs a layer to drive; the network has none", {
      help: "Build it with TunableGroupConv where the groups shall grow.",
    });
}

export function planOf(warmup: GroupWarmup | WarmupPlan): Required<WarmupPlan> {
  const { schedule, weights = "inherit" } =
    typeof warmup === "function" ? { schedule: warmup } : warmup;
  return { schedule, weights };
}

/** Gives every `TunableGroupConv` the groups of this epoch (S17, S20); says what changed. */
export async function warmUpGroups(
  network: Network,
  state: State,
  warmup: GroupWarmup | WarmupPlan,
  epoch: number,
  options: Omit<RegroupOptions, "weights">,
): Promise<Regrouping[]> {
  const { schedule, weights } = planOf(warmup);
  const wanted = new Map<string, number>();
  for (const [name, layer] of tunableLayers(network)) {
    const groups = schedule.validFor(layer.inChannels, layer.outChannels)(epoch);
    if (groups !== layer.groups) wanted.set(name, groups);
  }
  if (wanted.size === 0) return [];
  return regroupLayers(network, state, wanted, { ...options, weights });
}
