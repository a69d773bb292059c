import fc from "fast-check";
import { between, type GradientCase } from "../../../tests/support/check-gradients.js";
import {
  anyShape,
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";
import type { Value } from "../../graph/index.js";
import type { GraphBuilder } from "../../ops/index.js";

/** Variances are positive; scales and the rest are normal numbers. */
const values: GradientCase["values"] = (name, shape, rng) =>
  name === "variance"
    ? between(rng, shape, 0.5, 2)
    : (rng.normal(shape, 0, 1).data as Float32Array).slice();

const epsilon = { type: "float", value: 0.1 } as const;

/** A data shape `[N, C, ...]`. */
const data = (leastRank: number) => anyShape(leastRank, 5).filter((shape) => shape.length >= 2);

export const normCases: readonly GradientCheck[] = [
  property(
    "BatchNormalization",
    "in inference, by every input",
    fc.record({ x: data(2), opset: opsetFrom(9) }),
    ({ x, opset }) => ({
      shapes: { x, scale: [x[1]], bias: [x[1]], mean: [x[1]], variance: [x[1]] },
      values,
      write: (g, { x, scale, bias, mean, variance }) =>
        g.op("BatchNormalization", [x, scale, bias, mean, variance], { epsilon }),
      opset,
    }),
    { runs: 20 },
  ),

  property(
    "BatchNormalization",
    "in training, by every input",
    fc.record({ x: data(2), opset: opsetFrom(14) }),
    ({ x, opset }) => ({
      shapes: { x, scale: [x[1]], bias: [x[1]], mean: [x[1]], variance: [x[1]] },
      values,
      write: (g, { x, scale, bias, mean, variance }) => {
        const inputs = [x, scale, bias, mean, variance];
        return g.ops("BatchNormalization", inputs, { epsilon, training_mode: 1 }, 3)[0];
      },
      opset,
    }),
    { runs: 20 },
  ),

  examples(
    "BatchNormalization",
    "in training, of long rows",
    ...[
      [2, 2, 9, 15],
      [1, 3, 131],
    ].map((x) => ({
      shapes: { x, scale: [x[1]], bias: [x[1]], mean: [x[1]], variance: [x[1]] },
      values,
      write: (g: GraphBuilder, { x, scale, bias, mean, variance }: Record<string, Value>) => {
        const inputs = [x, scale, bias, mean, variance];
        return g.ops("BatchNormalization", inputs, { epsilon, training_mode: 1 }, 3)[0];
      },
    })),
  ),

  examples(
    "BatchNormalization",
    "in training, giving out the statistics of the batch",
    ...[
      [3, 2, 2],
      [2, 3, 9, 15],
    ].map((x) => ({
      shapes: { x, scale: [x[1]], bias: [x[1]] },
      values,
      write: (g: GraphBuilder, { x, scale, bias }: Record<string, Value>) => {
        const old = [g.op("Mul", [scale, g.scalar(0)]), g.op("Mul", [bias, g.scalar(0)])];
        const momentum = { type: "float", value: 0 } as const;
        const attributes = { epsilon, momentum, training_mode: 1 };
        return g.ops("BatchNormalization", [x, scale, bias, ...old], attributes, 3)[0];
      },
    })),
  ),

  property(
    "InstanceNormalization",
    "1-d to 3-d",
    fc.record({ x: data(3), opset: opsetFrom(9) }),
    ({ x, opset }) => ({
      shapes: { x, scale: [x[1]], bias: [x[1]] },
      write: (g, { x, scale, bias }) =>
        g.op("InstanceNormalization", [x, scale, bias], { epsilon }),
      opset,
    }),
  ),

  property(
    "LayerNormalization",
    "from any axis on, with and without a bias, scales that broadcast",
    fc.record({
      x: anyShape(1, 4, 4),
      named: fc.option(fc.nat(3), { nil: undefined }),
      fromEnd: fc.boolean(),
      dropped: fc.boolean(),
      hasBias: fc.boolean(),
      opset: opsetFrom(17),
    }),
    ({ x, named, fromEnd, dropped, hasBias, opset }) => {
      const first = named === undefined ? x.length - 1 : named % x.length;
      const axis = named === undefined ? undefined : fromEnd ? first - x.length : first;
      const scale = x.slice(Math.min(first + Number(dropped), x.length - 1));
      return {
        shapes: { x, scale, ...(hasBias && { bias: scale }) },
        write: (g, { x, scale, bias }) =>
          g.op("LayerNormalization", bias ? [x, scale, bias] : [x, scale], { axis, epsilon }),
        opset,
      };
    },
    { runs: 20 },
  ),

  ...[
    { about: "scales a group, opset 18", opset: 18 },
    { about: "scales a channel, opset 21", opset: 21 },
  ].map(({ about, opset }) =>
    property(
      "GroupNormalization",
      about,
      fc.record({
        batch: fc.integer({ min: 1, max: 2 }),
        groups: fc.integer({ min: 1, max: 3 }),
        each: fc.integer({ min: 1, max: 3 }),
        size: anyShape(1, 3),
      }),
      ({ batch, groups, each, size }) => {
        const channels = groups * each;
        const vector = [opset >= 21 ? channels : groups];
        return {
          shapes: { x: [batch, channels, ...size], scale: vector, bias: vector },
          write: (g, { x, scale, bias }) =>
            g.op("GroupNormalization", [x, scale, bias], { num_groups: groups, epsilon }),
          opset,
        };
      },
    ),
  ),
];
