import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../util/errors.js";
import { groupsByChannelsPerGroup } from "./channels-per-group.js";

const channels = fc.integer({ min: 1, max: 600 });

describe("groupsByChannelsPerGroup", () => {
  it.each([
    [256, 256, 16, 16],
    [64, 256, 16, 4], // the narrower side decides
    [48, 48, 32, 1],
    [96, 96, 20, 4], // 96 / 20 = 4.8
  ])("%d -> %d with %d in each: %d groups", (inChannels, outChannels, channelsPerGroup, groups) => {
    const choice = groupsByChannelsPerGroup({ inChannels, outChannels, channelsPerGroup });
    expect(choice.groups).toBe(groups);
  });

  it("keeps the floor on both sides, and no larger valid count does", () => {
    const floor = fc.constantFrom(4, 8, 16, 32, 64);
    fc.assert(
      fc.property(channels, channels, floor, (inChannels, outChannels, channelsPerGroup) => {
        const choice = groupsByChannelsPerGroup({ inChannels, outChannels, channelsPerGroup });
        const least = Math.min(inChannels, outChannels);
        expect(choice.groups === 1 || least / choice.groups >= channelsPerGroup).toBe(true);
        for (let g = choice.groups + 1; g <= least; g++)
          if (inChannels % g === 0 && outChannels % g === 0)
            expect(least / g).toBeLessThan(channelsPerGroup);
      }),
    );
  });

  it("refuses a floor that is no count", () => {
    const layer = { inChannels: 64, outChannels: 64 };
    expect(() => groupsByChannelsPerGroup({ ...layer, channelsPerGroup: 0 })).toThrow(UsageError);
  });
});
