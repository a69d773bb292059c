import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isOp, type Model } from "../graph/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { Rng, type Tensor, zeros } from "../tensor/index.js";
import { blockConvolutions } from "./block-convolutions.js";
import { probeBlockSize } from "./block-size.js";
import { BLOCKED_DOMAIN } from "./optimised-graph.js";
import { readOptimisedGraph } from "./optimised-graph.node.js";
import { Session } from "./session.js";
import { inferShapes } from "./shapes.js";

interface Sketch {
  readonly groups: number;
  readonly ins: number;
  readonly outs: number;
  readonly kernel?: readonly [number, number];
  readonly stride?: number;
  readonly dilation?: number;
  readonly pads?: readonly number[];
  readonly hasBias?: boolean;
  readonly size?: readonly [number, number];
  readonly isConstant?: boolean;
  readonly autoPad?: string;
}

/** A convolution between two that do not matter, its weight an input of the model. */
function convolution(sketch: Sketch): Model {
  const { groups, ins, outs, kernel = [3, 3], stride = 1, dilation = 1, size = [6, 5] } = sketch;
  const model = newModel("convolution");
  const g = new GraphBuilder(model.graph);
  const [c, m] = [groups * ins, groups * outs];
  const shape = [m, ins, ...kernel];
  const w = sketch.isConstant ? g.constant(zeros(shape), "w") : g.input("w", shape);
  const bias = sketch.hasBias ? [g.input("b", [m])] : [];
  const x = g.op("Relu", [g.input("x", [2, c, ...size])]);
  const y = g.op("Conv", [x, w, ...bias], {
    group: groups,
    strides: [stride, stride],
    dilations: [dilation, dilation],
    pads: sketch.autoPad ? undefined : (sketch.pads ?? [1, 1, 1, 1]),
    auto_pad: sketch.autoPad,
  });
  g.output(y, "conv", { shape: [null, null, null, null] });
  g.output(g.op("Neg", [y]), "negated", { shape: [null, null, null, null] });
  return model;
}

async function isBlocked(sketch: Sketch): Promise<boolean> {
  const model = convolution(sketch);
  await blockConvolutions(model, await inferShapes(model));
  const stays = model.graph.nodes.some((node) => isOp(node, "Conv"));
  const moved = model.graph.nodes.some(
    ({ domain, op }) => domain === BLOCKED_DOMAIN && op === "Conv",
  );
  expect(moved).toBe(!stays);
  expect(model.opsets.has(BLOCKED_DOMAIN)).toBe(moved);
  return moved;
}

async function run(model: Model): Promise<Record<string, Tensor>> {
  const session = await Session.create(model, { threads: 1 });
  const rng = new Rng(3);
  const feeds = Object.fromEntries(
    session.inputs.map(({ name, shape }) => [name, rng.normal(shape as number[], 0, 1)]),
  );
  const results = await session.run(feeds);
  await session.release();
  return results;
}

const block = await probeBlockSize(readOptimisedGraph);

describe("blockConvolutions", () => {
  it("changes no number, whatever the groups, stride, dilation and padding", async () => {
    const width = fc.integer({ min: 0, max: 6 }).map((power) => 2 ** power); // 1 to 64
    const sketches = fc.record({
      groups: fc.constantFrom(1, 2, 3, 4, 8, 16, 32),
      ins: width,
      outs: width,
      kernel: fc.constantFrom([3, 3] as const, [1, 3] as const, [2, 2] as const),
      stride: fc.integer({ min: 1, max: 2 }),
      dilation: fc.integer({ min: 1, max: 2 }),
      pads: fc.array(fc.nat(1), { minLength: 4, maxLength: 4 }),
      hasBias: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(sketches, async (sketch) => {
        fc.pre(sketch.groups * Math.max(sketch.ins, sketch.outs) <= 128);
        const plain = await run(convolution(sketch));
        const model = convolution(sketch);
        await blockConvolutions(model, await inferShapes(model));
        const blocked = await run(model);
        for (const name of ["conv", "negated"]) {
          expect(blocked[name].shape).toEqual(plain[name].shape);
          const expected = plain[name].data as Float32Array;
          const found = blocked[name].data as Float32Array;
          const most = expected.reduce((sum, number) => Math.max(sum, Math.abs(number)), 1);
          for (const [i, number] of found.entries())
            expect(Math.abs(number - expected[i]) / most).toBeLessThan(1e-5);
        }
      }),
      { numRuns: 60, seed: 11 },
    );
  });

  it.runIf(block > 1)("takes whole blocks, depthwise, and what packs into blocks", async () => {
    expect(await isBlocked({ groups: 1, ins: block, outs: 2 * block })).toBe(true);
    expect(await isBlocked({ groups: 3, ins: block, outs: block })).toBe(true);
    expect(await isBlocked({ groups: 2 * block, ins: 1, outs: 1 })).toBe(true);
    expect(await isBlocked({ groups: block, ins: 4, outs: 4 })).toBe(true);
  });

  it.runIf(block > 1)("leaves the others", async () => {
    expect(await isBlocked({ groups: 1, ins: 3, outs: block })).toBe(false); // an image
    expect(await isBlocked({ groups: 1, ins: block, outs: 10 })).toBe(false);
    expect(await isBlocked({ groups: block, ins: 3, outs: 3 })).toBe(false); // 3 divides no block
    expect(await isBlocked({ groups: block / 4 + 1, ins: 4, outs: 4 })).toBe(false); // not full
    expect(await isBlocked({ groups: block, ins: 2, outs: 4 })).toBe(false);
    expect(await isBlocked({ groups: 1, ins: block, outs: block, kernel: [1, 1] })).toBe(false);
    expect(await isBlocked({ groups: 1, ins: block, outs: block, isConstant: true })).toBe(false);
    expect(await isBlocked({ groups: 1, ins: block, outs: block, autoPad: "SAME_UPPER" })).toBe(
      false,
    );
  });
});
