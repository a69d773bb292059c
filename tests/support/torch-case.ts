import { gradients } from "../../src/autodiff/index.js";
import type { AttributeLike } from "../../src/graph/index.js";
import { GraphBuilder, newModel, readIntegers } from "../../src/ops/index.js";
import { inferShapes, Session } from "../../src/runtime/index.js";
import {
  compare,
  type NumericDType,
  sameShape,
  type Tensor,
  tensor,
} from "../../src/tensor/index.js";

interface Numbers {
  readonly shape: readonly number[];
  readonly data: readonly number[];
}

interface Constant extends Numbers {
  readonly dtype: NumericDType;
}

/** One case of src/autodiff/fixtures/make_torch.py. */
export interface TorchCase {
  readonly op: string;
  readonly opset: number;
  readonly attributes: Readonly<Record<string, AttributeLike>>;
  /** Inputs of the node: the name of one to differentiate by, a constant (a list is int64), or none. */
  readonly args: readonly (string | readonly number[] | Constant | null)[];
  /** How many outputs the node has; there are results for the first ones. */
  readonly outputs: number;
  readonly inputs: Readonly<Record<string, Numbers>>;
  readonly results: readonly Numbers[];
  readonly weights: readonly Numbers[];
  readonly gradients: Readonly<Record<string, Numbers>>;
}

export interface TorchFixture {
  readonly torch: string;
  readonly cases: readonly TorchCase[];
}

/** What tells a case from others: `"Conv, opset 17, {"group":2}"`. */
export function titleOf({ op, opset, attributes, args }: TorchCase): string {
  const constants = args.filter((arg) => arg !== null && typeof arg !== "string");
  const parts = [op, `opset ${opset}`, JSON.stringify(attributes), JSON.stringify(constants)];
  return parts.filter((part) => part !== "{}" && part !== "[]").join(", ");
}

/** PyTorch computed in double precision; these are the roundings of float32. */
const TOLERANCE = { atol: 2e-5, rtol: 2e-5 };

/**
 * Runs a case's node and its gradients, with every optimisation of the runtime.
 *
 * @throws Error naming the first number that is not PyTorch's.
 */
export async function checkTorchCase(each: TorchCase): Promise<void> {
  const model = newModel("case");
  model.opsets.set("", each.opset);
  const g = new GraphBuilder(model.graph);
  const inputs = Object.fromEntries(
    Object.entries(each.inputs).map(([name, { shape }]) => [name, g.input(name, shape)]),
  );
  const args = each.args.map((arg) => {
    if (arg === null) return null;
    if (typeof arg === "string") return inputs[arg];
    return "dtype" in arg ? g.constant(tensor(arg.data, arg.shape, arg.dtype)) : g.ints(arg);
  });
  const outputs = g.ops(each.op, args, each.attributes, each.outputs);
  const parts = each.weights.map(({ shape, data }, i) => {
    const weighted = g.op("Mul", [outputs[i], g.constant(tensor(data, shape))]);
    return g.op("ReduceSum", [weighted], { keepdims: 0 });
  });
  const loss = g.op("Sum", parts);
  const wrt = Object.values(inputs);
  const found = gradients(model, loss, wrt, {
    shapes: await inferShapes(model),
    integers: await readIntegers(model.graph),
  });
  each.results.forEach((_, i) => {
    g.output(g.op("Identity", [outputs[i]]), `result ${i}`);
  });
  for (const value of wrt) g.output(g.op("Identity", [found.get(value)!]), `d_${value.name}`);

  const session = await Session.create(model, { threads: 1 });
  const feeds = Object.entries(each.inputs).map(
    ([name, { shape, data }]) => [name, tensor(data, shape)] as const,
  );
  const given = await session.run(Object.fromEntries(feeds));
  await session.release();
  each.results.forEach((result, i) => {
    expectEqual(`result ${i}`, given[`result ${i}`], result);
  });
  for (const [name, gradient] of Object.entries(each.gradients))
    expectEqual(`d_${name}`, given[`d_${name}`], gradient);
}

function expectEqual(name: string, given: Tensor, { shape, data }: Numbers): void {
  if (!sameShape(given.shape, shape))
    throw new Error(`${name} has shape=[${given.shape}], PyTorch's [${shape}]`);
  const comparison = compare(given.data as Float32Array, data, TOLERANCE);
  if (!comparison.close) throw new Error(`${name} is not PyTorch's: ${comparison.message}`);
}
