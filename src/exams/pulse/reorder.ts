import { findChannelSpaces, permuteChannels } from "../../analysis/index.js";
import type { Model } from "../../graph/index.js";
import { channelOrders, kernelEnergy } from "../../regroup/index.js";
import { range } from "../../util/math.js";
import { convolutionAt, weightOf } from "./change-groups.js";

/** Gains under this share of a layer's energy are rounding. */
const LEAST_GAIN = 1e-6;

export interface Reordered {
  /** Of these values' channels now: place i has the channel `order[i]`. Null where that is not known. */
  orderOf(value: string): readonly number[] | null;
}

/**
 * Puts the channels of a copy of the network in the order in which a dense layer that is about to be cut keeps
 * the most. It stays the same function. Null when nothing is gained, and nothing is changed.
 *
 * @param output Name of what the layer writes.
 */
export async function reorder(
  model: Model,
  output: string,
  groups: number,
): Promise<Reordered | null> {
  const spaces = await findChannelSpaces(model);
  const node = convolutionAt(model, output);
  const energy = kernelEnergy(await weightOf(node));
  const layer = spaces.groupingLayer(node.inputs[1]!.name, groups, energy);
  const { orders, keptBefore, keptAfter } = channelOrders([layer], { starts: 1 });
  if (keptAfter[0] <= keptBefore[0] + LEAST_GAIN) return null;
  const free = new Map([...orders].filter(([space]) => !space.pinned));
  await permuteChannels(model, spaces, free);
  return {
    orderOf: (value) => {
      const stretches = spaces.along(value, 1);
      if (!stretches) return null;
      const order: number[] = [];
      for (const { space, repeat } of stretches) {
        const first = order.length;
        for (const channel of free.get(space) ?? range(space.size))
          for (let i = 0; i < repeat; i++) order.push(first + channel * repeat + i);
      }
      return order;
    },
  };
}
