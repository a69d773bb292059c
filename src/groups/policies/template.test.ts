import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { templateBlock, templateGroups } from "./template.js";

const channels = fc.integer({ min: 1, max: 600 });

describe("templateBlock", () => {
  it("is the seed's network: 3 -> 64 stem, 64 and 128 body, 256 head (S26)", () => {
    const blocks = [
      templateBlock({ role: "stem", inChannels: 3 }),
      templateBlock({ role: "body", inChannels: 64 }),
      templateBlock({ role: "body", inChannels: 128 }),
      templateBlock({ role: "head", inChannels: 256 }),
    ];
    expect(blocks.map(({ groups }) => groups)).toEqual([1, 4, 4, 1]);
    expect(blocks.map(({ expansion }) => expansion)).toEqual([1, 4, 4, 2]);
    expect(blocks.map(({ hiddenChannels }) => hiddenChannels)).toEqual([3, 256, 512, 512]);
  });

  it("aligns what the seed's snippet breaks: in=18 gives 3, in=3 gives 1", () => {
    expect(templateBlock({ role: "body", inChannels: 18 }).groups).toBe(3); // min(4, 4) = 4, not a divisor
    expect(templateBlock({ role: "body", inChannels: 3 }).groups).toBe(1); // min(4, 0) = 0
  });

  it("always divides, with 1 to 4 groups and 4 channels in each", () => {
    fc.assert(
      fc.property(channels, channels, (inChannels, outChannels) => {
        const { groups } = templateGroups({ role: "body", inChannels, outChannels });
        expect([inChannels % groups, outChannels % groups]).toEqual([0, 0]);
        expect(groups === 1 || (groups <= 4 && groups * 4 <= inChannels)).toBe(true);
      }),
    );
  });
});
