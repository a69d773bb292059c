import * as ort from "onnxruntime-node";
import { expect } from "vitest";
import { gradients } from "../../src/autodiff/index.js";
import type { Model, Value } from "../../src/graph/index.js";
import { encodeModel } from "../../src/onnx/index.js";
import { GraphBuilder, newModel, readIntegers } from "../../src/ops/index.js";
import { inferShapes } from "../../src/runtime/index.js";
import { Rng, type Tensor } from "../../src/tensor/index.js";
import { product, range } from "../../src/util/math.js";

export interface GradientCase {
  /** Shapes of the inputs to differentiate by. */
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  /** Writes the function to be differentiated. */
  readonly write: (g: GraphBuilder, inputs: Record<string, Value>) => Value;
  /** Values of an input; by default normal ones. Keep away from kinks by more than the step. */
  readonly values?: (name: string, shape: readonly number[], rng: Rng) => Float32Array;
  readonly opset?: number;
  readonly seed?: number;
}

const STEP = 1e-2;
/** Of the largest difference: twice what float32 rounding and the third derivative leave over the step. */
const TOLERANCE = 2e-3;

/**
 * Compares the written gradients of sum(weights * f(inputs)), with random weights, to central differences,
 * element by element.
 */
export async function checkGradients(sketch: GradientCase): Promise<void> {
  const rng = new Rng(sketch.seed ?? 1);
  const { model, inputs, loss } = await weightedSum(sketch, rng);
  const forward = await sessionOf(model);
  const names = Object.keys(sketch.shapes);
  const wrt = names.map((name) => inputs[name]);
  const written = gradients(model, loss, wrt, {
    shapes: await inferShapes(model),
    integers: await readIntegers(model.graph),
  });
  const g = new GraphBuilder(model.graph);
  for (const name of names) g.output(g.op("Identity", [written.get(inputs[name])!]), `d_${name}`);
  const backward = await sessionOf(model);

  const feed = Object.fromEntries(
    names.map((name) => {
      const shape = [...sketch.shapes[name]];
      const data = sketch.values?.(name, shape, rng) ?? normals(rng, shape);
      return [name, new ort.Tensor("float32", data, shape)];
    }),
  );
  const total = async () =>
    (await numbersOf(forward, feed, "loss")).reduce((sum, number) => sum + number, 0);
  const results = await backward.run(feed);
  for (const name of names) {
    const result = results[`d_${name}`];
    expect(result.dims, `shape of d_${name}`).toEqual([...sketch.shapes[name]]);
    const data = feed[name].data as Float32Array;
    const differences: number[] = [];
    for (let i = 0; i < data.length; i++) {
      const at = data[i];
      data[i] = at + STEP;
      const [up, upAt] = [await total(), data[i]];
      data[i] = at - STEP;
      const [down, downAt] = [await total(), data[i]];
      data[i] = at;
      differences.push((up - down) / (upAt - downAt));
    }
    const scale = Math.max(1, ...differences.map(Math.abs));
    differences.forEach((difference, i) => {
      const gradient = Number(result.data[i]);
      expect(
        Math.abs(gradient - difference) / scale,
        `d_${name}[${i}] is ${gradient}, differences say ${difference}`,
      ).toBeLessThan(TOLERANCE);
    });
  }
  await forward.release();
  await backward.release();
}

/** The model of sum(weights * f(inputs)); the sum is left to double precision. */
async function weightedSum(
  { shapes, write, opset = 17 }: GradientCase,
  rng: Rng,
): Promise<{ model: Model; inputs: Record<string, Value>; loss: Value }> {
  const model = newModel("case");
  model.opsets.set("", opset);
  const g = new GraphBuilder(model.graph);
  const inputs = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, g.input(name, shape)]),
  );
  const y = write(g, inputs);
  const shape = (await inferShapes(model)).get(y)!;
  const loss = g.op("Mul", [y, g.constant(rng.normal(shape, 0, 1))]);
  g.output(loss, "loss");
  return { model, inputs, loss };
}

async function sessionOf(model: Model): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(await encodeModel(model), {
    graphOptimizationLevel: "disabled",
    intraOpNumThreads: 1,
    logSeverityLevel: 4,
  });
}

async function numbersOf(
  session: ort.InferenceSession,
  feed: Record<string, ort.Tensor>,
  name: string,
): Promise<number[]> {
  return Array.from((await session.run(feed))[name].data as Float32Array);
}

function normals(rng: Rng, shape: readonly number[]): Float32Array {
  return (rng.normal(shape, 0, 1) as Tensor<"float32">).data.slice();
}

/** Numbers that lie at least `gap` apart from each other, in random order: no ties within a step. */
export function apart(rng: Rng, shape: readonly number[], gap = 0.05): Float32Array {
  const count = product(shape);
  const order = range(count)
    .map((place) => ({ place, key: rng.float() }))
    .sort((a, b) => a.key - b.key);
  return Float32Array.from(order, ({ place }) => (place - (count - 1) / 2) * gap);
}

/** Normal numbers moved away from these kinks by 0.05. */
export function awayFrom(rng: Rng, shape: readonly number[], ...kinks: number[]): Float32Array {
  return normals(rng, shape).map((number) =>
    kinks.reduce(
      (x, kink) => (Math.abs(x - kink) < 0.05 ? kink + (x < kink ? -0.05 : 0.05) : x),
      number,
    ),
  );
}
