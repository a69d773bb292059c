import fc from "fast-check";
import { apart, between, type GradientCase } from "../../../tests/support/check-gradients.js";
import {
  anyShape,
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";

interface Axis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly begin: number;
  readonly end: number;
  readonly extra: number;
}

/**
 * Windows whose padding is smaller than they are, as the runtime demands, and that all see an element. The
 * last one of `ceil_mode` starts inside: the runtime drops others, but infers shapes with them (opset < 22).
 */
function windows(mostDilation: number): fc.Arbitrary<Axis[]> {
  const axis = fc
    .record({
      kernel: fc.integer({ min: 1, max: 3 }),
      stride: fc.integer({ min: 1, max: 3 }),
      dilation: fc.integer({ min: 1, max: mostDilation }),
      begin: fc.nat(2),
      end: fc.nat(2),
      extra: fc.nat(3),
    })
    .map((drawn) => ({
      ...drawn,
      begin: drawn.dilation > 1 ? 0 : Math.min(drawn.begin, drawn.kernel - 1),
      end: drawn.dilation > 1 ? 0 : Math.min(drawn.end, drawn.kernel - 1),
    }))
    .filter(lastWindowStartsInside);
  return fc.array(axis, { minLength: 1, maxLength: 3 });
}

const attributesOf = (axes: readonly Axis[]) => ({
  kernel_shape: axes.map(({ kernel }) => kernel),
  strides: axes.map(({ stride }) => stride),
  pads: [...axes.map(({ begin }) => begin), ...axes.map(({ end }) => end)],
});

const sizeOf = (axes: readonly Axis[]) => axes.map(lengthOf);

function lengthOf({ kernel, dilation, begin, end, extra }: Axis): number {
  return Math.max(1, dilation * (kernel - 1) + 1 - begin - end) + extra;
}

function lastWindowStartsInside(axis: Axis): boolean {
  const { kernel, stride, dilation, begin, end } = axis;
  const size = lengthOf(axis);
  const steps = Math.ceil((size + begin + end - dilation * (kernel - 1) - 1) / stride);
  return steps * stride < size + begin;
}

/** Of either sign, and at least 0.4 from 0. */
const aroundZero: GradientCase["values"] = (_, shape, rng) =>
  between(rng, shape, 0.4, 2).map((x, i) => (i % 3 ? x : -x));

export const poolCases: readonly GradientCheck[] = [
  property(
    "MaxPool",
    "any window, 1-d to 3-d",
    fc.record({ axes: windows(2), ceilMode: fc.nat(1), opset: opsetFrom(10) }),
    ({ axes, ceilMode, opset }) => ({
      shapes: { x: [1, 2, ...sizeOf(axes)] },
      values: (_, shape, rng) => apart(rng, shape),
      write: (g, { x }) =>
        g.op("MaxPool", [x], {
          ...attributesOf(axes),
          dilations: axes.map(({ dilation }) => dilation),
          ceil_mode: ceilMode,
        }),
      opset,
    }),
    { runs: 50, seed: 12 },
  ),

  property(
    "AveragePool",
    "any window, 1-d to 3-d",
    fc.record({
      // Dilations came with opset 19.
      windows: fc.oneof(
        fc.record({ axes: windows(1), opset: opsetFrom(10, 19) }),
        fc.record({ axes: windows(2), opset: opsetFrom(19) }),
      ),
      ceilMode: fc.nat(1),
      countsPadding: fc.nat(1),
    }),
    ({ windows: { axes, opset }, ceilMode, countsPadding }) => ({
      shapes: { x: [1, 2, ...sizeOf(axes)] },
      write: (g, { x }) =>
        g.op("AveragePool", [x], {
          ...attributesOf(axes),
          dilations: opset >= 19 ? axes.map(({ dilation }) => dilation) : undefined,
          ceil_mode: ceilMode,
          count_include_pad: countsPadding,
        }),
      opset,
    }),
    { runs: 50, seed: 13 },
  ),

  ...[1, 2, 3].map((p) =>
    property(
      "LpPool",
      `p=${p}`,
      fc.record({ axes: windows(1), opset: opsetFrom(9) }),
      ({ axes, opset }) => ({
        shapes: { x: [1, 2, ...sizeOf(axes)] },
        values: aroundZero,
        write: (g, { x }) => g.op("LpPool", [x], { ...attributesOf(axes), p }),
        opset,
      }),
      { seed: 14 },
    ),
  ),

  property(
    "LpPool",
    "dilations and ceil_mode, opset 18",
    fc.record({ axes: windows(2), ceilMode: fc.nat(1), opset: opsetFrom(18) }),
    ({ axes, ceilMode, opset }) => ({
      shapes: { x: [1, 2, ...sizeOf(axes)] },
      values: aroundZero,
      write: (g, { x }) =>
        g.op("LpPool", [x], {
          ...attributesOf(axes),
          dilations: axes.map(({ dilation }) => dilation),
          ceil_mode: ceilMode,
        }),
      opset,
    }),
    { runs: 20 },
  ),

  ...["MaxPool", "AveragePool", "LpPool"].flatMap((op) =>
    ["SAME_UPPER", "SAME_LOWER", "VALID"].map((autoPad) =>
      property(
        op,
        `auto_pad ${autoPad}`,
        fc.record({ axes: windows(1), opset: opsetFrom(9) }),
        ({ axes, opset }) => ({
          shapes: { x: [1, 2, ...axes.map(({ kernel, extra }) => kernel + extra)] },
          values: op === "LpPool" ? aroundZero : (_, shape, rng) => apart(rng, shape),
          write: (g, { x }) => {
            const { kernel_shape, strides } = attributesOf(axes);
            return g.op(op, [x], { kernel_shape, strides, auto_pad: autoPad });
          },
          opset,
        }),
      ),
    ),
  ),

  ...["MaxPool", "AveragePool", "LpPool"].map((op) =>
    examples(op, "attributes left out", {
      shapes: { x: [1, 2, 4, 3] },
      values: op === "LpPool" ? aroundZero : (_, shape, rng) => apart(rng, shape),
      write: (g, { x }) => g.op(op, [x], { kernel_shape: [2, 3] }),
    }),
  ),

  ...["GlobalMaxPool", "GlobalAveragePool"].map((op) =>
    property(
      op,
      "1-d to 3-d",
      fc.record({ shape: anyShape(3, 5), opset: opsetFrom(9) }),
      ({ shape, opset }) => ({
        shapes: { x: shape },
        values: (_, size, rng) => apart(rng, size),
        write: (g, { x }) => g.op(op, [x]),
        opset,
      }),
    ),
  ),
];
