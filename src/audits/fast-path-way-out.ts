import type { Convolution, FastPath } from "../analysis/index.js";
import { isDepthwise, type KernelPath, type Target, validGroups } from "../groups/index.js";
import { predictWithGroups, shapeWithGroups } from "./other-groups.js";

export interface WayOut {
  /** A sentence without its full stop. */
  readonly text: string;
  readonly suggestedGroups: number | null;
}

/**
 * What to do about a layer that its target runs slowly or not at all: the nearest valid group count that
 * it runs well. Counts that divide the layer's own come first, as packing reaches them without training;
 * then fewer groups, then more. What only a dense layer would mend is said and not suggested.
 */
export function findWayOut(
  convolution: Convolution,
  { path, reason }: FastPath,
  target: Target,
  blockSize: number | null,
): WayOut {
  const { groups, inChannels, outChannels } = convolution;
  const predict = (count: number) => predictWithGroups(convolution, count, target, blockSize);
  if (predict(groups).reason !== reason)
    return {
      text: "No group count changes that: it is not the groups that decide",
      suggestedGroups: null,
    };

  const { suits, does } = path === "unsupported" ? running : fast;
  const counts = validGroups(inChannels, outChannels).filter((count) => suits(predict(count).path));
  const fewer = counts.filter((count) => count > 1 && count < groups).reverse();
  const packed = fewer.filter((count) => groups % count === 0);
  const more = counts.filter(
    (count) => count > groups && !isDepthwise(shapeWithGroups(convolution, count)),
  );
  const [nearest] = [...packed, ...fewer, ...more];
  if (nearest !== undefined)
    return { text: toNearest(groups, nearest, does), suggestedGroups: nearest };
  return {
    text: counts.includes(1)
      ? `Of the valid counts only groups=1 ${does}, at ${groups} times the multiply-accumulates: measure both`
      : `No valid count of inChannels=${inChannels} and outChannels=${outChannels} ${does}: change the channels, or measure and leave it`,
    suggestedGroups: null,
  };
}

const fast = { suits: (path: KernelPath) => path === "fast", does: "is on the fast path" };
const running = {
  suits: (path: KernelPath) => path !== "slow" && path !== "unsupported",
  does: "runs there",
};

function toNearest(groups: number, nearest: number, does: string): string {
  const packed = groups / nearest;
  return Number.isInteger(packed)
    ? `Pack ${packed} groups into one: groups=${nearest} ${does} and computes the same with zeros in its weight, at ${packed} times the multiply-accumulates; measure before keeping it`
    : `The nearest valid count that ${does} is groups=${nearest}; it is another layer and has to be trained`;
}
