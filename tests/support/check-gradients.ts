import { gradients } from "../../src/autodiff/index.js";
import type { Model, Value } from "../../src/graph/index.js";
import { GraphBuilder, newModel, readIntegers } from "../../src/ops/index.js";
import { inferShapes, Session } from "../../src/runtime/index.js";
import { Rng, sameShape, type Tensor, tensor } from "../../src/tensor/index.js";
import { product, range, sum } from "../../src/util/math.js";

/** A function to differentiate, and where. Runs in Node and in the browser. */
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
 *
 * @param op An operator that the function must be written with.
 * @throws Error naming the first element that differs.
 */
export async function checkGradients(sketch: GradientCase, op?: string): Promise<void> {
  const rng = new Rng(sketch.seed ?? 1);
  const { model, inputs, loss } = await weightedSum(sketch, rng);
  if (op && !model.graph.nodes.some((node) => node.op === op))
    throw new Error(`a case of ${op} does not use it`);
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

  const feed: Record<string, Tensor<"float32">> = {};
  for (const name of names) {
    const shape = sketch.shapes[name];
    feed[name] = tensor(sketch.values?.(name, shape, rng) ?? normals(rng, shape), shape);
  }
  const total = async () => sum(dataOf((await forward.run(feed)).loss));
  const results = await backward.run(feed);
  for (const name of names) {
    const result = results[`d_${name}`];
    if (!sameShape(result.shape, sketch.shapes[name]))
      throw new Error(`d_${name} has shape=[${result.shape}], not [${sketch.shapes[name]}]`);
    const { data } = feed[name];
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
      const gradient = dataOf(result)[i];
      // Not `>=`: what is no number differs, too.
      if (!(Math.abs(gradient - difference) / scale < TOLERANCE))
        throw new Error(`d_${name}[${i}] is ${gradient}, differences say ${difference}`);
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

/** The graph as it was written, so that no fusion hides what a node gives. */
function sessionOf(model: Model): Promise<Session> {
  return Session.create(model, { optimisation: "disabled", threads: 1 });
}

function dataOf({ data }: Tensor): Float32Array {
  return data as Float32Array;
}

function normals(rng: Rng, shape: readonly number[]): Float32Array {
  return dataOf(rng.normal(shape, 0, 1)).slice();
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

/** Numbers spread evenly over `low` to `high`. */
export function between(
  rng: Rng,
  shape: readonly number[],
  low: number,
  high: number,
): Float32Array {
  return dataOf(rng.uniform(shape, low, high));
}
