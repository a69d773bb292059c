import { describe, expect, it } from "vitest";
import { sampleConfiguration } from "../../../tests/support/sample-configuration.js";
import type { Convolution } from "../../analysis/index.js";
import { RuntimeError } from "../../util/errors.js";
import { spreadOf } from "../../util/statistics.js";
import type { Bench } from "./bench.js";
import type { ConfiguredLayers } from "./configuration.js";
import type { Configuration } from "./section.js";
import {
  type SweepStore,
  type SweptConfiguration,
  sweepConfigurations,
  type Timings,
  type Unswept,
} from "./sweep.js";

const timed = (one: SweptConfiguration | Unswept) => {
  if ("reason" in one) throw new Error(one.reason);
  return one;
};

const configured = (channels: number, macs: number): ConfiguredLayers => ({
  configuration: sampleConfiguration({
    inShape: [1, channels, 4, 4],
    outShape: [1, channels, 4, 4],
    kernel: [1, 1],
    pads: [0, 0, 0, 0],
    bias: false,
  }),
  layers: [{ macs } as Convolution],
});

/** A clock that only timings move: each count takes `msOf`, three times over, opening takes 1 ms. */
function fakeBench(msOf: (groups: number, round: number) => number) {
  const clock = { ms: 0 };
  const open = new Set<object>();
  const order: string[] = [];
  const bench: Bench = {
    isLost: false,
    async open({ inShape }: Configuration, groups) {
      clock.ms += 1;
      let round = 0;
      const contestant = {
        async time() {
          const ms = msOf(groups, round++);
          clock.ms += 3 * ms;
          order.push(`${inShape[1]}/${groups}`);
          return ms;
        },
        async close() {
          open.delete(contestant);
        },
      };
      open.add(contestant);
      return contestant;
    },
    fixedTime: async (_, groups) => ({ ms: 0.01 * groups, spread: spreadOf([0.01 * groups]) }),
  };
  return { bench, clock, open, order, now: () => clock.ms };
}

function memoryStore(): SweepStore & { readonly kept: Map<string, Timings> } {
  const kept = new Map<string, Timings>();
  return {
    kept,
    load: async (key) => kept.get(key) ?? null,
    save: async (key, timings) => void kept.set(key, timings),
  };
}

describe("sweepConfigurations", () => {
  it("times every valid count until the ranking is settled, and closes all", async () => {
    const { bench, open, now, clock } = fakeBench((groups) => 8 / groups);
    const seen: string[] = [];
    const [swept] = await sweepConfigurations([configured(8, 1000)], bench, {
      budgetMs: 1e6,
      now,
      onProgress: ({ what, done, total, leftMs }) =>
        void seen.push(`${what} ${done}/${total} ${Math.round(leftMs)}`),
    });
    expect(timed(swept).settled).toBe(true);
    expect(timed(swept).timings.groups).toEqual([1, 2, 4, 8]);
    expect(timed(swept).timings.rounds).toEqual(Array(6).fill([8, 4, 2, 1]));
    expect(timed(swept).timings.fixed!.ms).toBeCloseTo(0.08, 12); // of the shortest, groups=8
    expect(open.size).toBe(0);
    expect(clock.ms).toBe(4 + 6 * 3 * 15);
    expect(seen[0]).toBe("1x1, 8 -> 8 channels, 4x4 0/1 1000000");
  });

  it("ends with its budget, the costliest configurations first", async () => {
    const { bench, now, order, clock } = fakeBench((_, round) => 1 + (round % 2)); // never settles
    const all = [configured(4, 1e3), configured(6, 1e9), configured(9, 1e5)];
    const swept = await sweepConfigurations(all, bench, { budgetMs: 100, now });
    expect(order[0]).toMatch(/^6\//);
    expect(clock.ms).toBeLessThan(100 + 3 * 2 + 1); // one timing may be under way
    expect(timed(swept[1]).timings.rounds.length).toBeGreaterThan(3);
    expect(timed(swept[1]).settled).toBe(false);
    expect(swept).toContainEqual({ reason: "the budget ended before it" });
  });

  it("gives what one leaves to the others", async () => {
    const settles = fakeBench((groups) => 4 / groups);
    const all = [configured(4, 1e6), configured(9, 1e6)];
    const swept = await sweepConfigurations(all, settles.bench, {
      budgetMs: 400,
      now: settles.now,
    });
    expect(swept.map((one) => timed(one).settled)).toEqual([true, true]);
  });

  it("goes on from where the last one was interrupted, and repeats nothing", async () => {
    const store = memoryStore();
    const all = [configured(4, 1e6), configured(9, 1e5)];
    const first = fakeBench((groups) => 4 / groups);
    let calls = 0;
    const stopped = sweepConfigurations(all, first.bench, {
      budgetMs: 1e6,
      now: first.now,
      store,
      onProgress: () => {
        if (++calls === 30) throw new Error("stopped");
      },
    });
    await expect(stopped).rejects.toThrow("stopped");
    expect(first.open.size).toBe(0);
    expect(store.kept.size).toBe(1);

    const second = fakeBench((groups) => 4 / groups);
    const swept = await sweepConfigurations(all, second.bench, {
      budgetMs: 1e6,
      now: second.now,
      store,
    });
    expect(second.order.every((name) => name.startsWith("9/"))).toBe(true);
    expect(swept.map((one) => timed(one).fromCache)).toEqual([true, false]);

    const third = fakeBench(() => 1);
    await sweepConfigurations(all, third.bench, { budgetMs: 1e6, now: third.now, store });
    expect(third.order).toEqual([]);
  });

  it("adds rounds to those of an earlier sweep that did not settle", async () => {
    const store = memoryStore();
    const one = [configured(4, 1e6)];
    const restless = fakeBench((_, round) => 1 + (round % 2));
    await sweepConfigurations(one, restless.bench, { budgetMs: 40, now: restless.now, store });
    const [[key, before]] = store.kept;
    const calm = fakeBench((groups) => 8 / groups);
    await sweepConfigurations(one, calm.bench, { budgetMs: 200, now: calm.now, store });
    const after = store.kept.get(key)!;
    expect(after.rounds.length).toBeGreaterThan(before.rounds.length);
    expect(after.rounds.slice(0, before.rounds.length)).toEqual(before.rounds);
    expect(after.fixed).toBe(before.fixed);
  });

  it("begins anew where many rounds of another day did not settle", async () => {
    const store = memoryStore();
    const one = [configured(4, 1e6)];
    const restless = fakeBench((groups, round) => (groups === 1 ? 1 + (round % 2) : 1.5)); // ahead, behind
    await sweepConfigurations(one, restless.bench, { budgetMs: 1e6, now: restless.now, store });
    const [[key, before]] = store.kept;
    expect(before.rounds).toHaveLength(240);
    const calm = fakeBench((groups) => 8 / groups);
    const swept = await sweepConfigurations(one, calm.bench, {
      budgetMs: 1e6,
      now: calm.now,
      store,
    });
    expect(timed(swept[0]).settled).toBe(true);
    expect(store.kept.get(key)!.rounds).toEqual(Array(6).fill([8, 4, 2]));
  });

  it("opens nothing again that has all the rounds there may be", async () => {
    const store = memoryStore();
    const one = [configured(4, 1e6)];
    const { bench, now } = fakeBench((groups, round) => (groups === 1 ? 1 + (round % 2) : 1.5));
    await sweepConfigurations(one, bench, { budgetMs: 1e6, now, store });
    const [before] = store.kept.values();
    const opened: number[] = [];
    const counting: Bench = {
      ...bench,
      async open(configuration, groups) {
        opened.push(groups);
        return bench.open(configuration, groups);
      },
    };
    const [again] = await sweepConfigurations(one, counting, { budgetMs: 1e6, now, store });
    expect(opened).toEqual([1, 2, 4]); // anew, and to no avail
    expect(timed(again).timings).toEqual(before);
  });

  it("takes no time off that is more than the layer's", async () => {
    const { bench, now } = fakeBench((groups) => 0.004 / groups);
    const [swept] = await sweepConfigurations([configured(4, 1)], bench, { budgetMs: 1e6, now });
    expect(timed(swept).timings.fixed).toBeNull(); // 0.04 of 0.001 ms
  });

  it("leaves out a count that is refused, and does not try it again", async () => {
    const { bench, now, open } = fakeBench((groups, round) => 4 / groups + (round % 2));
    let tries = 0;
    const refusing: Bench = {
      ...bench,
      async open(configuration, groups) {
        if (groups !== 2) return bench.open(configuration, groups);
        tries++;
        throw new RuntimeError("no kernel for 2 groups");
      },
    };
    const store = memoryStore();
    const sweep = (budgetMs: number) =>
      sweepConfigurations([configured(4, 1e6)], refusing, { budgetMs, now, store });
    const [first] = await sweep(80);
    expect(timed(first).timings).toMatchObject({
      groups: [1, 4],
      refused: [{ groups: 2, reason: "no kernel for 2 groups" }],
    });
    const [second] = await sweep(200);
    expect(timed(second).timings.rounds.length).toBeGreaterThan(timed(first).timings.rounds.length);
    expect(timed(second).timings.refused).toEqual(timed(first).timings.refused);
    expect(tries).toBe(1);
    expect(open.size).toBe(0);
  });

  it.each([
    ["once: it is opened again", [4], { groups: [1, 2, 4, 8], refused: [] }, 1],
    ["once, and another one, too", [4, 2], { groups: [1, 2, 4, 8], refused: [] }, 1],
    [
      "each time: it is refused this time, and the others have their times",
      [4, 4],
      { groups: [1, 2, 8], refused: [{ groups: 4, reason: "2 times over: the browser gave up" }] },
      0,
    ],
  ])("where the browser is lost while a count is opened, %s", async (_, losing, timings, kept) => {
    const { bench, now, open } = fakeBench((groups) => 4 / groups);
    const left = [...losing];
    const lossy: Bench & { isLost: boolean } = {
      ...bench,
      async open(configuration, groups) {
        lossy.isLost = groups === left[0];
        if (!lossy.isLost) return bench.open(configuration, groups);
        left.shift();
        throw new RuntimeError("the browser gave up");
      },
    };
    const store = memoryStore();
    const options = { budgetMs: 1e6, now, store };
    const [swept] = await sweepConfigurations([configured(8, 1e6)], lossy, options);
    expect(timed(swept)).toMatchObject({ settled: true, timings });
    expect(open.size).toBe(0);
    expect(store.kept.size).toBe(kept);
    const [again] = await sweepConfigurations([configured(8, 1e6)], lossy, options);
    expect(timed(again).timings).toMatchObject({ groups: [1, 2, 4, 8], refused: [] });
  });

  it.each([
    ["over the dense layer", 1, 0],
    ["while it times", 4, 1],
  ])("has no times where the browser is lost %s, and goes on", async (_, count, runs) => {
    const { bench, now, open } = fakeBench((groups) => 4 / groups);
    const lossy: Bench & { isLost: boolean } = {
      ...bench,
      async open(configuration, groups) {
        lossy.isLost = groups === count && configuration.inShape[1] === 8;
        const lose = async (): Promise<never> => {
          throw new RuntimeError("the browser gave up");
        };
        if (!lossy.isLost) return bench.open(configuration, groups);
        return runs === 0 ? lose() : { ...(await bench.open(configuration, groups)), time: lose };
      },
    };
    const store = memoryStore();
    const swept = await sweepConfigurations([configured(8, 1e6), configured(9, 1e5)], lossy, {
      budgetMs: 1e6,
      now,
      store,
    });
    expect(swept[0]).toEqual({ reason: "the browser gave up" });
    expect(timed(swept[1]).settled).toBe(true);
    expect(store.kept.size).toBe(1);
    expect(open.size).toBe(0);
  });

  it("gives a configuration up over which the browser is lost again and again, and goes on", async () => {
    const { bench, now, open } = fakeBench((groups) => 4 / groups);
    let losses = 0;
    const lossy: Bench & { isLost: boolean } = {
      ...bench,
      async open(configuration, groups) {
        lossy.isLost = groups > 1 && configuration.inShape[1] === 64;
        if (!lossy.isLost) return bench.open(configuration, groups);
        throw new RuntimeError(`the browser gave up ${++losses} times`);
      },
    };
    const swept = await sweepConfigurations([configured(64, 1e6), configured(8, 1e5)], lossy, {
      budgetMs: 1e6,
      now,
    });
    expect(swept[0]).toEqual({ reason: "the browser gave up 3 times" });
    expect(timed(swept[1]).settled).toBe(true);
    expect(open.size).toBe(0);
  });

  it("shows what was kept of a configuration that memory would not do for, and times it no further", async () => {
    const { bench, now, order } = fakeBench(() => 1); // all tie: that is settled after some rounds
    const store = memoryStore();
    const [one] = [configured(4, 1e6)];
    // The clock ends it after three rounds of three counts: unsettled.
    await sweepConfigurations([one], bench, { budgetMs: 10, now, store });
    const [begun] = await sweepConfigurations([one], bench, { budgetMs: 0, now, store });
    expect(timed(begun)).toMatchObject({ settled: false, fromCache: true });
    const timings = order.length;
    const [kept] = await sweepConfigurations([one], bench, {
      budgetMs: 1e6,
      now,
      store,
      memoryBytes: 1000,
    });
    expect(timed(kept)).toMatchObject({ settled: false, fromCache: true });
    expect(order).toHaveLength(timings);
  });

  it("goes on with the others where the runtime refuses one, or memory would not do", async () => {
    const { bench, now } = fakeBench((groups) => 4 / groups);
    const refusing: Bench = {
      ...bench,
      async open(configuration, groups) {
        if (configuration.inShape[1] === 9) throw new RuntimeError("no kernel for 9 channels");
        return bench.open(configuration, groups);
      },
    };
    const all = [configured(9, 1e6), configured(4, 1e5), configured(512, 1e4)];
    const swept = await sweepConfigurations(all, refusing, {
      budgetMs: 1e6,
      now,
      memoryBytes: 2 ** 20,
    });
    expect(swept[0]).toEqual({ reason: "no kernel for 9 channels" });
    expect(timed(swept[1]).settled).toBe(true);
    // 512 * (1 + 1/2 + ... + 1/512) = 1023 times 2 * 512 weights and 16 pixels, ten times 5 * 2 * 512 * 16 values
    expect(swept[2]).toEqual({
      reason: `its counts take about ${4 * (1023 * (2 * 512 + 16) + 10 * 5 * 2 * 512 * 16)} bytes, memoryBytes=1048576`,
    });
  });
});
