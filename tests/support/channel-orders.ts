import { expect } from "vitest";
import type { ChannelSpace, ChannelSpaces } from "../../src/analysis/index.js";
import { maxDifference, type Rng, type Tensor } from "../../src/tensor/index.js";
import { range } from "../../src/util/math.js";

/** Reverses the channels of every free space, or shuffles them: no order is left as it is. */
export function otherOrders({ spaces }: ChannelSpaces, rng?: Rng): Map<ChannelSpace, number[]> {
  return new Map(
    spaces.map((space) => {
      const natural = range(space.size);
      const order = rng ? rng.shuffle(natural) : natural.toReversed();
      const isSame = order.every((channel, place) => channel === place);
      return [space, isSame ? natural.toReversed() : order];
    }),
  );
}

/** The largest difference of two outputs, as a share of the largest number in the first. */
export function difference(a: Tensor<"float32">, b: Tensor<"float32">): number {
  const scale = a.data.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  expect(scale).toBeGreaterThan(0);
  return maxDifference(a.data, b.data) / scale;
}
