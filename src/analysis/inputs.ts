import type { Graph, Value } from "../graph/index.js";
import type { Task } from "../groups/index.js";
import { convInputs, isConvolution } from "../ops/index.js";
import { UsageError } from "../util/errors.js";
import { product } from "../util/math.js";
import { nearestWord, printable } from "../util/text.js";
import { constantBehind, constantShape } from "./convolution.js";

/** The shape one input of the graph is given while shapes are inferred. */
export interface BoundInput {
  readonly name: string;
  readonly shape: readonly number[] | null;
  /** `file`: fixed in the model; `given`: bound by the caller; `default`: chosen here. */
  readonly source: "file" | "given" | "default";
}

/** Height and width for images of no fixed size, in pixels: what networks of the task are published at. */
const DEFAULT_SIZE: Readonly<Record<Task | "unknown", number>> = {
  classification: 224,
  detection: 640,
  segmentation: 512,
  unknown: 224,
};

/** Larger inputs are a mistake or an attack; a runtime would try to plan for them. */
const MOST_ELEMENTS = 2 ** 31;

/**
 * Gives every input of the graph a shape: the caller's, the file's, or a default for what is open (batch
 * 1, the channels its first convolution reads, the task's usual size, else 1).
 *
 * @param guessTask Asked only when a size is open, as it looks through the whole graph.
 * @throws UsageError when a given name is no input, or a given shape contradicts the file.
 */
export function bindInputs(
  graph: Graph,
  given: Readonly<Record<string, readonly number[]>>,
  guessTask: () => Task | "unknown",
): BoundInput[] {
  const names = graph.freeInputs.map((input) => input.name);
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const near = nearestWord(name, names);
    throw new UsageError(`input "${printable(name)}" is not an input of the model`, {
      help: near
        ? `Did you mean "${printable(near)}"?`
        : `Its inputs: ${names.map((input) => printable(input, 60)).join(", ") || "none"}.`,
    });
  }
  let size: number | undefined;
  const openSize = () => {
    size ??= DEFAULT_SIZE[guessTask()];
    return size;
  };
  return graph.freeInputs.map((input) => bind(input, given[input.name], openSize));
}

function bind(
  input: Value,
  given: readonly number[] | undefined,
  openSize: () => number,
): BoundInput {
  const { name } = input;
  const declared = input.type?.kind === "tensor" ? input.type.shape : null;
  if (given) {
    checkGiven(name, given, declared);
    return { name, shape: given, source: "given" };
  }
  if (!declared) return { name, shape: null, source: "file" };
  if (declared.every((dim) => typeof dim === "number"))
    return { name, shape: declared as readonly number[], source: "file" };
  const shape = declared.map((dim, axis) => {
    if (typeof dim === "number") return dim;
    if (axis === 0 || declared.length < 3) return 1;
    return axis === 1 ? (channelsRead(input) ?? 3) : openSize();
  });
  return { name, shape, source: "default" };
}

function checkGiven(
  name: string,
  given: readonly number[],
  declared: readonly (number | string | null)[] | null,
): void {
  const bad = given.find((dim) => !Number.isSafeInteger(dim) || dim < 1);
  if (bad !== undefined)
    throw new UsageError(
      `input "${printable(name)}": dimension=${bad} must be a whole number from 1`,
    );
  if (product(given) > MOST_ELEMENTS)
    throw new UsageError(
      `input "${printable(name)}": shape=[${given}] has more than ${MOST_ELEMENTS} elements`,
    );
  if (!declared) return;
  const fits =
    declared.length === given.length &&
    declared.every((dim, axis) => typeof dim !== "number" || dim === given[axis]);
  if (!fits)
    throw new UsageError(
      `input "${printable(name)}": shape=[${given}] does not fit the model's [${declared.map((dim) => dim ?? "?").join(",")}]`,
    );
}

/** Channels that the first convolution reading this input was made for. */
function channelsRead(input: Value): number | null {
  for (const { node, index } of input.uses) {
    if (!isConvolution(node) || index !== convInputs(node).x) continue;
    const weight = node.inputs[convInputs(node).weight];
    const shape = weight ? constantShape(constantBehind(weight)) : null;
    if (shape && node.op !== "ConvTranspose") return shape[1];
  }
  return null;
}
