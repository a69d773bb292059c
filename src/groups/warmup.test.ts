import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UsageError } from "../util/errors.js";
import { range } from "../util/math.js";
import { groupWarmup } from "./warmup.js";

describe("groupWarmup", () => {
  it("is the seed's min(2 ** (epoch // 10), 8)", () => {
    const groupsAt = groupWarmup({ max: 8 });
    const epochs = [0, 9, 10, 19, 20, 29, 30, 39, 40, 1e6];
    expect(epochs.map(groupsAt)).toEqual([1, 1, 2, 2, 4, 4, 8, 8, 8, 8]);
  });

  it("takes another step, another base and a maximum that is no power of it", () => {
    const groupsAt = groupWarmup({ every: 1, base: 3, max: 20 });
    expect(range(5).map(groupsAt)).toEqual([1, 3, 9, 20, 20]);
  });

  it("gives each layer the largest count its channels allow", () => {
    // 12 -> 18 channels: 1, 2, 3, 6 are valid; the schedule goes 1, 2, 4, 8, 16
    const groupsAt = groupWarmup({ every: 1, max: 16 }).validFor(12, 18);
    expect(range(5).map(groupsAt)).toEqual([1, 2, 3, 6, 6]);
  });

  it("never falls, never passes the maximum, and stays valid for the layer", () => {
    const whole = (min: number, max: number) => fc.integer({ min, max });
    fc.assert(
      fc.property(
        whole(1, 7),
        whole(2, 4),
        whole(1, 64),
        whole(1, 256),
        whole(1, 256),
        (every, base, max, i, o) => {
          const groupsAt = groupWarmup({ every, base, max });
          const layer = groupsAt.validFor(i, o);
          for (const epoch of range(40)) {
            expect(groupsAt(epoch + 1)).toBeGreaterThanOrEqual(groupsAt(epoch));
            expect(layer(epoch + 1)).toBeGreaterThanOrEqual(layer(epoch));
            expect(groupsAt(epoch)).toBeLessThanOrEqual(max);
            expect(layer(epoch)).toBeLessThanOrEqual(groupsAt(epoch));
            expect([i % layer(epoch), o % layer(epoch)]).toEqual([0, 0]);
          }
        },
      ),
    );
  });

  it.each([{ max: 0 }, { max: 2.5 }, { every: 0, max: 8 }, { base: 1, max: 8 }])(
    "refuses %j",
    (options) => {
      expect(() => groupWarmup(options)).toThrow(UsageError);
    },
  );

  it.each([-1, Number.NaN, Number.POSITIVE_INFINITY])("refuses epoch %d", (epoch) => {
    expect(() => groupWarmup({ max: 8 })(epoch)).toThrow(`epoch=${epoch} must be a number`);
  });
});
