import { gradients } from "../autodiff/index.js";
import type { Dim, Graph, Model, Value } from "../graph/index.js";
import { buildModel, type Network, namedParameters, stateDict } from "../nn/index.js";
import { GraphBuilder, readIntegers } from "../ops/index.js";
import { inferShapes } from "../runtime/index.js";
import { checkNames } from "./check-names.js";
import { checkBatchAxis, checkNetworkShapes } from "./check-shapes.js";
import { type DropoutMask, feedDropouts } from "./dropout-masks.js";
import type { TensorSpec } from "./losses/index.js";
import type { Metric } from "./metrics/index.js";
import {
  type LossOption,
  type Objective,
  type OutputMetric,
  objectiveOf,
  targetsOf,
  writeLoss,
} from "./objective.js";
import type { Optimizer } from "./optimizers/index.js";
import { averageName, nextName, slotName, sumName } from "./state.js";
import { exposeBatchStatistics } from "./step-batch-norms.js";

export interface StepGraphOptions {
  /** Shape of the input with the batch, `[N, ...]`. */
  readonly inputShape: readonly number[];
  readonly loss: LossOption;
  readonly metrics?: readonly Metric[] | Readonly<Record<string, readonly Metric[]>>;
  readonly optimizer: Optimizer;
  /** Gradients longer than this, all together, are scaled down to it. Defaults to no limit. */
  readonly clipNorm?: number;
  /** Share of the old in the running average of each parameter. Defaults to no average. */
  readonly averageDecay?: number;
  /** Batches whose gradients one step takes the mean of. Defaults to 1. */
  readonly accumulate?: number;
  /** Seed of the parameters' first values. Defaults to 0. */
  readonly seed?: number;
}

/**
 * A network's training as one graph: the prediction, the loss, the gradients, and the next value of
 * everything that changes. What goes in as `conv.weight` comes out as `conv.weight.next`.
 */
export interface StepGraph {
  readonly model: Model;
  readonly objective: Objective;
  readonly targets: ReadonlyMap<string, TensorSpec>;
  readonly masks: readonly DropoutMask[];
}

/** `step` changes the parameters; `accumulate` only adds to the sums of their gradients. */
export type StepKind = "step" | "accumulate";

export async function buildStepGraph(
  network: Network,
  options: StepGraphOptions,
  kind: StepKind = "step",
): Promise<StepGraph> {
  const { inputShape, optimizer, accumulate = 1 } = options;
  const model = buildModel(network, { inputShape, mode: "training", seed: options.seed });
  const { graph } = model;
  const state = stateDict(network);
  exposeBatchStatistics(model);
  // A fed input that also has an initializer keeps the initializer in onnxruntime-node 1.30.
  for (const name of state.keys()) {
    const value = graph.find(name);
    if (value) value.initializer = null;
  }
  const nextOfBuffers = new Set(
    [...state].flatMap(([name, { kind }]) => (kind === "buffer" ? [nextName(name)] : [])),
  );
  const buffers = graph.outputs.filter(({ name }) => nextOfBuffers.has(name));
  const predictions = new Map(
    graph.outputs.filter((value) => !buffers.includes(value)).map((value) => [value.name, value]),
  );
  checkNames(network, [...predictions.keys()]);
  const before = await checkNetworkShapes(model, inputShape);
  checkBatchAxis(predictions.values(), before, inputShape);
  const masks = await feedDropouts(model, before);
  const shapeOf = (output: string) => before.get(predictions.get(output)!)!;

  const objective = objectiveOf([...predictions.keys()], options.loss, options.metrics ?? []);
  const targets = targetsOf(objective, shapeOf);
  const g = new GraphBuilder(graph);
  const targetValues = addTargets(g, targets);
  const loss = writeLoss(g, objective, predictions, targetValues, shapeOf);

  const shapes = await inferShapes(model);
  const params = [...namedParameters(network).keys()].flatMap((name) => graph.find(name) ?? []);
  const found = gradients(model, loss, params, {
    shapes,
    integers: await readIntegers(graph),
  });

  graph.outputs.splice(0, graph.outputs.length, ...buffers);
  outputAs(g, loss, "loss", { shape: [] });
  writeMetrics(g, objective.metrics, predictions, targetValues, shapeOf);
  const wrt = params.map((param) => ({ param, gradient: found.get(param)! }));
  const summed = accumulate > 1 ? withSums(g, wrt, accumulate) : wrt;
  if (kind === "step") writeUpdates(g, summed, optimizer, options);
  else
    for (const { param, gradient } of summed) outputNext(g, gradient, sumName(param.name), param);
  return { model, objective, targets, masks };
}

interface Wrt {
  readonly param: Value;
  readonly gradient: Value;
}

function addTargets(g: GraphBuilder, targets: ReadonlyMap<string, TensorSpec>): Map<string, Value> {
  return new Map(
    [...targets].map(([output, { dtype, shape }]) => [
      output,
      g.input(targetName(output), shape, dtype),
    ]),
  );
}

/** Name of the input that holds the targets of an output. */
export function targetName(output: string): string {
  return `target:${output}`;
}

/** Name of the output that holds the counts of metric number `index`. */
export function countsName(index: number): string {
  return `metric:${index}`;
}

export function writeMetrics(
  g: GraphBuilder,
  metrics: readonly OutputMetric[],
  predictions: ReadonlyMap<string, Value>,
  targets: ReadonlyMap<string, Value>,
  shapeOf: (output: string) => readonly number[],
): void {
  for (const [i, { output, metric }] of metrics.entries()) {
    const counts = g.within(`metric.${i}`, () =>
      metric.write(g, predictions.get(output)!, targets.get(output)!, shapeOf(output)),
    );
    g.output(counts, countsName(i), { shape: [null] });
  }
}

/** Makes a value an output of this name; a layer or an output of the network may have had it. */
export function outputAs(
  g: GraphBuilder,
  value: Value,
  name: string,
  type: { readonly shape: readonly Dim[] },
): void {
  const holder = g.graph.find(name);
  if (holder && holder !== value) g.graph.rename(holder, g.graph.freshName(`${name}.value`));
  g.output(value, name, type);
}

/** Each gradient as `sum + gradient / count`. */
function withSums(g: GraphBuilder, wrt: readonly Wrt[], count: number): Wrt[] {
  return wrt.map(({ param, gradient }) => {
    const sum = likeParam(g, sumName(param.name), param);
    const share = g.op("Mul", [gradient, g.scalar(1 / count)]);
    return { param, gradient: g.op("Add", [sum, share]) };
  });
}

function writeUpdates(
  g: GraphBuilder,
  wrt: readonly Wrt[],
  optimizer: Optimizer,
  { clipNorm, averageDecay }: StepGraphOptions,
): void {
  const clipped = clipNorm === undefined ? wrt : clip(g, wrt, clipNorm);
  const names = Object.keys(optimizer.scalars(1, optimizer.lr));
  const scalars = Object.fromEntries(
    names.map((name) => [name, g.input(scalarName(name), [])] as const),
  );
  for (const { param, gradient } of clipped)
    g.within(`${optimizer.name}.${param.name}`, () => {
      const slots = optimizer.slots.map((slot) => likeParam(g, slotName(param.name, slot), param));
      const update = optimizer.write(g, param, gradient, slots, scalars);
      outputNext(g, update.param, param.name, param);
      for (const [i, slot] of optimizer.slots.entries())
        outputNext(g, update.slots[i], slotName(param.name, slot), param);
      if (averageDecay === undefined) return;
      const old = likeParam(g, averageName(param.name), param);
      const kept = g.op("Mul", [old, g.scalar(averageDecay)]);
      const added = g.op("Mul", [update.param, g.scalar(1 - averageDecay)]);
      outputNext(g, g.op("Add", [kept, added]), averageName(param.name), param);
    });
}

/** Name of the input that holds one of the optimizer's numbers. */
export function scalarName(name: string): string {
  return `optimizer:${name}`;
}

/** Output `gradient_norm`, and all gradients times `min(1, clipNorm / norm)`, as PyTorch's clip_grad_norm_. */
function clip(g: GraphBuilder, wrt: readonly Wrt[], clipNorm: number): Wrt[] {
  const squares = wrt.map(({ gradient }) => g.op("ReduceSumSquare", [gradient], { keepdims: 0 }));
  const norm = g.op("Sqrt", [squares.length === 1 ? squares[0] : g.op("Sum", squares)]);
  const ratio = g.op("Div", [g.scalar(clipNorm), g.op("Add", [norm, g.scalar(1e-6)])]);
  const factor = g.op("Min", [ratio, g.scalar(1)]);
  outputAs(g, norm, "gradient_norm", { shape: [] });
  return wrt.map(({ param, gradient }) => ({
    param,
    gradient: g.op("Mul", [gradient, factor]),
  }));
}

function likeParam(g: GraphBuilder, name: string, param: Value): Value {
  return g.graph.addInput(name, param.type);
}

function outputNext(g: GraphBuilder, value: Value, name: string, param: Value): void {
  value.type = param.type;
  g.output(value, nextName(name));
}

/** Every input of the graph that also comes out, changed. */
export function changingNames({ outputs, inputs }: Graph): string[] {
  const given = new Set(inputs.map(({ name }) => name));
  return outputs.flatMap(({ name }) => {
    const old = name.endsWith(".next") ? name.slice(0, -".next".length) : "";
    return given.has(old) ? [old] : [];
  });
}
