import { isOp, type Model, type Node, type Value } from "../../graph/index.js";
import type { GraphBuilder } from "../../ops/index.js";
import { UsageError } from "../../util/errors.js";
import { product } from "../../util/math.js";
import { nearestWord, printable } from "../../util/text.js";
import { reduce } from "../reduce.js";
import type { ListenTarget } from "./section.js";

export interface TargetOptions {
  /**
   * The value whose mean is differentiated, by name: an output, a loss, or any other. Defaults to all float
   * outputs, whose means are added up.
   */
  readonly output?: string;
  /** Looks at this index of axis 1 alone: a class of a classifier. */
  readonly label?: number;
}

export interface Target extends Omit<ListenTarget, "values"> {
  readonly values: readonly Value[];
}

/**
 * What is differentiated. The mean of a softmax is one over the number of classes, whatever the input: without
 * a label, its scores are taken instead.
 *
 * @throws UsageError when there is no such value, or none of numbers.
 */
export function findTarget({ graph }: Model, { output, label }: TargetOptions): Target {
  if (label !== undefined && !(Number.isSafeInteger(label) && label >= 0))
    throw new UsageError(`listen: label=${label} must be a whole number from 0`);
  const named = output === undefined ? graph.outputs.filter(isFloat) : [findValue(graph, output)];
  if (named.length === 0) throw new UsageError("listen: the model has no output of float32");
  const softmaxes = named.map((value) => (label === undefined ? softmaxBehind(value) : null));
  return {
    values: named.map((value, i) => softmaxes[i]?.inputs[0] ?? value),
    label: label ?? null,
    beforeSoftmax: named.filter((_, i) => softmaxes[i]).map(({ name }) => name),
  };
}

function isFloat({ type }: Value): boolean {
  return type === null || (type.kind === "tensor" && type.dtype === "float32");
}

function findValue(graph: Model["graph"], name: string): Value {
  const value = graph.find(name);
  if (value) return value;
  const near = nearestWord(
    name,
    graph.outputs.map((output) => output.name),
  );
  throw new UsageError(`listen: output="${printable(name)}" is no value of the model`, {
    help: near ? `Did you mean "${printable(near)}"?` : undefined,
  });
}

function softmaxBehind(value: Value): Node | null {
  let { producer } = value;
  while (isOp(producer, "Identity")) producer = producer.inputs[0]?.producer ?? null;
  return isOp(producer, "Softmax") ? producer : null;
}

/**
 * Writes the number that is differentiated: the mean of each value, added up, times the samples of the batch,
 * so that the gradient at a sample's values is its own.
 *
 * @param shapes Of the graph's values; those of new ones are added.
 */
export function writeLoss(
  g: GraphBuilder,
  opset: number,
  { values, label }: Target,
  shapes: Map<Value, readonly number[]>,
  samples: number,
): Value {
  const known = (value: Value, shape: readonly number[]) => {
    shapes.set(value, shape);
    return value;
  };
  const terms = values.map(({ name }) => {
    let value = g.graph.find(name)!;
    let shape = shapes.get(value);
    if (!shape)
      throw new UsageError(`listen: the shape of the output "${printable(name)}" is not known`);
    if (label !== null) {
      if (!(shape.length > 1 && label < shape[1]))
        throw new UsageError(
          `listen: label=${label} must be under ${shape[1] ?? 0}, the size of axis 1 of "${printable(name)}" [${shape}]`,
        );
      shape = shape.with(1, 1);
      value = known(g.op("Gather", [value, g.ints([label])], { axis: 1 }), shape);
    }
    const share = known(g.scalar(samples / product(shape)), []);
    const scaled = known(g.op("Mul", [value, share]), shape);
    return known(reduce(g, opset, "ReduceSum", scaled, null), []);
  });
  return known(g.op("Sum", terms), []);
}
