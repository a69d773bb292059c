import fc from "fast-check";
import { describe, it } from "vitest";
import { apart, checkGradients } from "../../../tests/support/check-gradients.js";

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

describe("gradients of poolings agree with central differences", () => {
  it("MaxPool of any window", async () => {
    const sketch = fc.record({
      axes: windows(2),
      ceilMode: fc.nat(1),
      opset: fc.constantFrom(10, 12, 18, 22),
    });
    await fc.assert(
      fc.asyncProperty(sketch, async ({ axes, ceilMode, opset }) => {
        await checkGradients({
          shapes: { x: [1, 2, ...sizeOf(axes)] },
          values: (_, shape, rng) => apart(rng, shape),
          write: (g, { x }) =>
            g.op("MaxPool", [x], {
              ...attributesOf(axes),
              dilations: axes.map(({ dilation }) => dilation),
              ceil_mode: ceilMode,
            }),
          opset,
        });
      }),
      { numRuns: 50, seed: 12 },
    );
  });

  it("AveragePool of any window", async () => {
    const sketch = fc.record({
      axes: windows(2),
      ceilMode: fc.nat(1),
      countsPadding: fc.nat(1),
      opset: fc.constantFrom(10, 11, 19, 22),
    });
    await fc.assert(
      fc.asyncProperty(sketch, async ({ axes, ceilMode, countsPadding, opset }) => {
        const dilations = axes.map(({ dilation }) => dilation);
        await checkGradients({
          shapes: { x: [1, 2, ...sizeOf(axes)] },
          write: (g, { x }) =>
            g.op("AveragePool", [x], {
              ...attributesOf(axes),
              dilations: opset >= 19 ? dilations : undefined,
              ceil_mode: ceilMode,
              count_include_pad: countsPadding,
            }),
          opset,
        });
      }),
      { numRuns: 50, seed: 13 },
    );
  });

  it.each([1, 2, 3])("LpPool, p=%d", async (p) => {
    await fc.assert(
      fc.asyncProperty(windows(1), async (axes) => {
        await checkGradients({
          shapes: { x: [1, 2, ...sizeOf(axes)] },
          values: (_, shape, rng) =>
            (rng.uniform(shape, 0.4, 2).data as Float32Array).map((x, i) => (i % 3 ? x : -x)),
          write: (g, { x }) => g.op("LpPool", [x], { ...attributesOf(axes), p }),
        });
      }),
      { numRuns: 10, seed: 14 },
    );
  });

  it.each(["SAME_UPPER", "SAME_LOWER", "VALID"])("auto_pad %s", async (autoPad) => {
    const attributes = { kernel_shape: [3, 2], strides: [2, 1], auto_pad: autoPad };
    await checkGradients({
      shapes: { x: [1, 1, 4, 5] },
      values: (_, shape, rng) => apart(rng, shape),
      write: (g, { x }) =>
        g.op("Add", [g.op("MaxPool", [x], attributes), g.op("AveragePool", [x], attributes)]),
    });
  });

  it.each(["GlobalMaxPool", "GlobalAveragePool"])("%s", async (op) => {
    for (const shape of [
      [2, 3, 4],
      [1, 2, 3, 2],
      [1, 1, 2, 2, 2],
    ])
      await checkGradients({
        shapes: { x: shape },
        values: (_, size, rng) => apart(rng, size),
        write: (g, { x }) => g.op(op, [x]),
      });
  });
});
