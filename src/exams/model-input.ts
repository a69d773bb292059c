import type { Dim, Model } from "../graph/index.js";
import type { NumericDType } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import { count, nearestWord, printable } from "../util/text.js";
import { sharedInputs } from "./shared-input.js";

/** An input a model has to be given. */
export interface ModelInput {
  readonly name: string;
  readonly dtype: NumericDType;
  readonly dims: readonly Dim[];
  /** Samples of a batch, where the file fixes them. */
  readonly batchSize: number | null;
  /** Holds one value for all samples, such as a weight: its first axis does not count them. */
  readonly isShared: boolean;
}

/** @throws UsageError when an input is no tensor of numbers of known rank. */
export function modelInputs(model: Model): ModelInput[] {
  const { freeInputs } = model.graph;
  const shared = sharedInputs(freeInputs);
  return freeInputs.map((value) => {
    const { name, type } = value;
    if (type?.kind !== "tensor" || type.dtype === "string" || type.shape === null)
      throw new UsageError(
        `input "${printable(name)}" is no tensor of numbers with a known number of axes; it cannot be given data`,
      );
    const [first = null] = type.shape;
    const isShared = shared.has(value);
    return {
      name,
      dtype: type.dtype,
      dims: type.shape,
      batchSize: !isShared && typeof first === "number" ? first : null,
      isShared,
    };
  });
}

/**
 * Pairs what was given by name with the model's inputs.
 *
 * @throws UsageError naming what is missing, unknown, or has its value in the file.
 */
export function byInput<T extends object>(
  model: Model,
  given: Readonly<Record<string, T>>,
): { input: ModelInput; given: T }[] {
  const inputs = modelInputs(model);
  const names = inputs.map(({ name }) => name);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    if (model.graph.inputs.some((input) => input.name === name))
      throw new UsageError(
        `data for "${printable(name)}", whose value is in the model; leave it out, it is examined with that`,
      );
    const near = nearestWord(name, names);
    throw new UsageError(`data for "${printable(name)}", which is not an input of the model`, {
      help: near
        ? `Did you mean "${printable(near)}"?`
        : `Its inputs: ${names.map((input) => printable(input, 60)).join(", ") || "none"}.`,
    });
  }
  return inputs.map((input) => {
    if (!Object.hasOwn(given, input.name))
      throw new UsageError(
        `no data for input "${printable(input.name)}"; the model has ${count(inputs.length, "input")}: ${names.map((name) => printable(name, 60)).join(", ")}`,
      );
    return { input, given: given[input.name] };
  });
}

/** `[?,3,H,W]`: a declared shape as people write it. */
export function printDims(dims: readonly Dim[]): string {
  return `[${dims.map((dim) => (dim === null ? "?" : printable(String(dim), 30))).join(",")}]`;
}
