import type { Value } from "../graph/index.js";
import type { GraphBuilder } from "../ops/index.js";
import { UsageError } from "../util/errors.js";
import { nearestWord, printable } from "../util/text.js";
import type { Loss, TensorSpec } from "./losses/index.js";
import type { Metric } from "./metrics/index.js";

/** A loss and what it counts for in the sum. */
export interface WeightedLoss {
  readonly loss: Loss;
  readonly weight: number;
}

/** One loss for a network of one output, or one for each output by name. */
export type LossOption = Loss | Readonly<Record<string, Loss | WeightedLoss>>;

/** A metric of one output. */
export interface OutputMetric {
  /** `output.metric`, or `metric` alone where the network has one output. */
  readonly label: string;
  readonly output: string;
  readonly metric: Metric;
}

/** What is asked of a network: the losses of its outputs, whose weighted sum is made small, and metrics. */
export interface Objective {
  readonly losses: ReadonlyMap<string, WeightedLoss>;
  readonly metrics: readonly OutputMetric[];
}

/** @throws UsageError for a loss or a metric of an output that the network does not have, or a bad weight. */
export function objectiveOf(
  outputs: readonly string[],
  losses: LossOption,
  metrics: readonly Metric[] | Readonly<Record<string, readonly Metric[]>>,
): Objective {
  if (!losses) throw new UsageError("fit: loss must be given, such as crossEntropy()");
  const lossOf = isLoss(losses) ? { [onlyOutput(outputs, "loss")]: losses } : losses;
  const isList = Array.isArray(metrics);
  const metricsOf: Readonly<Record<string, readonly Metric[]>> = isList
    ? metrics.length > 0
      ? { [onlyOutput(outputs, "metrics")]: metrics }
      : {}
    : (metrics as Readonly<Record<string, readonly Metric[]>>);
  for (const name of [...Object.keys(lossOf), ...Object.keys(metricsOf)]) {
    if (outputs.includes(name)) continue;
    const near = nearestWord(name, outputs);
    throw new UsageError(`fit: the network has no output "${printable(name)}"`, {
      help: near ? `Did you mean "${near}"?` : `It has ${outputs.join(", ")}.`,
    });
  }
  if (Object.keys(lossOf).length === 0) throw new UsageError("fit: loss must name an output");
  return {
    losses: new Map(Object.entries(lossOf).map(([name, loss]) => [name, weighted(name, loss)])),
    metrics: Object.entries(metricsOf).flatMap(([output, list]) =>
      list.map((metric) => ({
        label: outputs.length === 1 ? metric.name : `${output}.${metric.name}`,
        output,
        metric,
      })),
    ),
  };
}

function weighted(output: string, loss: Loss | WeightedLoss): WeightedLoss {
  if (isLoss(loss)) return { loss, weight: 1 };
  if (!isLoss(loss?.loss))
    throw new UsageError(`fit: output "${printable(output)}" must have a loss, such as mse()`);
  if (!(loss.weight >= 0 && Number.isFinite(loss.weight)))
    throw new UsageError(
      `fit: weight=${loss.weight} of the loss of "${printable(output)}" must be a number of at least 0`,
    );
  return loss;
}

/** What the targets of each output have to be, by the shape of the output. */
export function targetsOf(
  { losses, metrics }: Objective,
  shapeOf: (output: string) => readonly number[],
): Map<string, TensorSpec> {
  const targets = new Map<string, TensorSpec>();
  for (const [output, { loss }] of losses) targets.set(output, loss.target(shapeOf(output)));
  for (const { output, metric } of metrics) {
    const wanted = metric.target(shapeOf(output));
    const known = targets.get(output);
    if (!known) targets.set(output, wanted);
    else if (known.dtype !== wanted.dtype || String(known.shape) !== String(wanted.shape))
      throw new UsageError(
        `fit: the metric ${metric.name} takes targets ${wanted.dtype} [${wanted.shape}], the loss of "${printable(output)}" ${known.dtype} [${known.shape}]`,
      );
  }
  return targets;
}

/** Writes the weighted sum of the losses, shape `[]`. */
export function writeLoss(
  g: GraphBuilder,
  { losses }: Objective,
  predictions: ReadonlyMap<string, Value>,
  targets: ReadonlyMap<string, Value>,
  shapeOf: (output: string) => readonly number[],
): Value {
  const terms = [...losses].map(([output, { loss, weight }]) => {
    const value = g.within(`loss.${output}`, () =>
      loss.write(g, predictions.get(output)!, targets.get(output)!, shapeOf(output)),
    );
    return weight === 1 ? value : g.op("Mul", [value, g.scalar(weight)]);
  });
  return terms.length === 1 ? terms[0] : g.op("Sum", terms);
}

function onlyOutput(outputs: readonly string[], option: string): string {
  if (outputs.length === 1) return outputs[0];
  throw new UsageError(`fit: ${option} must be given for each output by name`, {
    help: `The network's outputs are ${outputs.join(", ")}.`,
  });
}

function isLoss(loss: LossOption | WeightedLoss): loss is Loss {
  return typeof (loss as Loss | undefined)?.write === "function";
}
