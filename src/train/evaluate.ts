import { buildModel, type Network, stateDict } from "../nn/index.js";
import { GraphBuilder } from "../ops/index.js";
import { Session } from "../runtime/index.js";
import { range } from "../util/math.js";
import { checkBatch, checkExample, checkSize } from "./check-data.js";
import { checkNames } from "./check-names.js";
import { checkBatchAxis, checkNetworkShapes } from "./check-shapes.js";
import type { Dataset } from "./data/index.js";
import type { TensorSpec } from "./losses/index.js";
import type { Metric } from "./metrics/index.js";
import { type LossOption, type Objective, objectiveOf, targetsOf, writeLoss } from "./objective.js";
import { averageName, initialState, type State } from "./state.js";
import { outputAs, targetName, writeMetrics } from "./step-graph.js";
import { addUp, countsOf, feedsOf } from "./stepper.js";

export interface Evaluation {
  /** Mean over all examples. */
  readonly loss: number;
  /** By `output.metric`, or `metric` alone where the network has one output. */
  readonly metrics: Readonly<Record<string, number>>;
}

export interface EvaluateOptions {
  readonly loss: LossOption;
  readonly metrics?: readonly Metric[] | Readonly<Record<string, readonly Metric[]>>;
  /** Examples a run. Defaults to 32, as in `fit`. */
  readonly batchSize?: number;
  readonly threads?: number;
}

/** A network in inference, compiled, with its losses and metrics; the weights are given to each run. */
export class Evaluator {
  private constructor(
    readonly session: Session,
    readonly objective: Objective,
    readonly targets: ReadonlyMap<string, TensorSpec>,
    readonly options: EvaluateOptions,
  ) {}

  /** @param exampleShape Shape of one example, without the batch. */
  static async create(
    network: Network,
    exampleShape: readonly number[],
    options: EvaluateOptions,
  ): Promise<Evaluator> {
    const one = buildModel(network, { inputShape: [1, ...exampleShape] });
    const inputShape = [1, ...exampleShape];
    const shapes = await checkNetworkShapes(one, inputShape);
    checkBatchAxis(one.graph.outputs, shapes, inputShape);
    const shapeOf = (name: string) => shapes.get(one.graph.find(name)!)!.with(0, -1);

    const model = buildModel(network, { inputShape: ["N", ...exampleShape] });
    const { graph } = model;
    for (const name of stateDict(network).keys()) {
      const value = graph.find(name);
      if (!value) continue;
      value.initializer = null;
      graph.inputs.push(value);
    }
    const predictions = new Map(graph.outputs.map((value) => [value.name, value]));
    const outputs = [...predictions.keys()];
    checkNames(network, outputs);
    const objective = objectiveOf(outputs, options.loss, options.metrics ?? []);
    const g = new GraphBuilder(graph);
    const specs = targetsOf(objective, shapeOf);
    const targets = new Map(
      [...specs].map(([output, { dtype, shape }]) => [
        output,
        g.input(targetName(output), ["N", ...shape.slice(1)], dtype),
      ]),
    );
    const loss = writeLoss(g, objective, predictions, targets, shapeOf);
    graph.outputs.splice(0);
    outputAs(g, loss, "loss", { shape: [] });
    writeMetrics(g, objective.metrics, predictions, targets, shapeOf);
    const session = await Session.create(model, { threads: options.threads });
    return new Evaluator(session, objective, specs, options);
  }

  /**
   * @param state Running averages take the place of parameters where there are some.
   * @throws UsageError or ShapeError if the examples are not what losses and metrics take.
   */
  async run(state: State, dataset: Dataset): Promise<Evaluation> {
    const weights = Object.fromEntries(
      this.session.inputs.flatMap(({ name }) => {
        const tensor = state.get(averageName(name)) ?? state.get(name);
        return tensor ? [[name, tensor]] : [];
      }),
    );
    const { batchSize = 32 } = this.options;
    let total = 0;
    const counts: Float64Array[][] = [];
    for (let start = 0; start < dataset.size; start += batchSize) {
      const indices = range(start, Math.min(dataset.size, start + batchSize));
      const batch = await dataset.batch(indices);
      checkBatch(batch, indices.length, dataset.example, this.targets);
      const results = await this.session.run({ ...weights, ...feedsOf(batch, this.targets) });
      total += Number(results.loss.data[0]) * indices.length;
      counts.push(countsOf(results, this.objective.metrics.length));
    }
    return {
      loss: total / dataset.size,
      metrics: metricsOf(this.objective, addUp(counts)),
    };
  }

  async release(): Promise<void> {
    await this.session.release();
  }
}

/** The metrics by their labels, from their counts. */
export function metricsOf(
  { metrics }: Objective,
  counts: readonly Float64Array[],
): Record<string, number> {
  return Object.fromEntries(
    metrics.map(({ label, metric }, i) => [label, metric.finish(counts[i])]),
  );
}

/**
 * Loss and metrics of a network, in inference, over all examples.
 *
 * @throws ShapeError if the examples do not fit the network, UsageError if losses or targets do not.
 */
export async function evaluate(
  network: Network,
  dataset: Dataset,
  options: EvaluateOptions,
): Promise<Evaluation> {
  checkSize("data set", dataset);
  const state = await initialState(network, [1, ...dataset.example.input], 0);
  const evaluator = await Evaluator.create(network, dataset.example.input, options);
  try {
    checkExample(dataset.example, evaluator.targets);
    return await evaluator.run(state, dataset);
  } finally {
    await evaluator.release();
  }
}
