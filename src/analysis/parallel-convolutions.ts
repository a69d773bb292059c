import {
  intAttribute,
  intsAttribute,
  isOp,
  isOutput,
  type Node,
  type Value,
} from "../graph/index.js";
import type { Shapes } from "../runtime/index.js";
import { readFloat64, sameShape } from "../tensor/index.js";
import { product } from "../util/math.js";
import { constantTensor } from "./constant-tensor.js";
import { type Convolution, constantBehind } from "./convolution.js";

/** A grouped convolution spelled out: each part of the channels has a convolution of its own. */
export interface ParallelConvolutions {
  /** In the order of the channels they read and write; alike in all but the numbers of their weights. */
  readonly convolutions: readonly Convolution[];
  /** What takes the channels apart, one Split or a Slice each, and what joins them. */
  readonly splits: readonly Node[];
  readonly concat: Node;
  /** The value taken apart, and the one put together. */
  readonly input: Value;
  readonly output: Value;
  /** Groups of the one convolution that does the same: those of each, times how many there are. */
  readonly groups: number;
}

/**
 * Convolutions that read the parts of one value, cut along its channels, and whose outputs one Concat
 * joins in the same order. One convolution of more groups, with their weights after each other, gives the
 * same values.
 *
 * @param shapes Tell that Slices with an end reach the last channel; without them those are not found.
 */
export async function findParallelConvolutions(
  convolutions: readonly Convolution[],
  shapes: Shapes | null,
): Promise<ParallelConvolutions[]> {
  const byOutput = new Map(
    convolutions.map((convolution) => [requantised(convolution.y), convolution]),
  );
  const concats = new Set<Node>();
  for (const [y, { weightShape }] of byOutput)
    for (const node of y.consumers)
      if (isOp(node, "Concat") && isChannelAxis(node, weightShape.length)) concats.add(node);

  const found: ParallelConvolutions[] = [];
  for (const concat of concats) {
    const [output] = concat.outputs;
    const parts = concat.inputs.map((input) => input && byOutput.get(input));
    if (!output || parts.length < 2 || !parts.every((part) => !!part)) continue;
    if (!parts.every((part) => isAlike(part, parts[0]) && isReadOnce(requantised(part.y))))
      continue;
    const source = splitSource(parts) ?? (await slicedSource(parts, shapes));
    if (!source) continue;
    const groups = parts.length * parts[0].groups;
    found.push({ convolutions: parts, ...source, concat, output, groups });
  }
  return found;
}

/** In quantised models stand a QuantizeLinear and a DequantizeLinear before and behind each operator. */
const CODING = ["QuantizeLinear", "DequantizeLinear"] as const;

/** What a value was before it was quantised and dequantised for one reader alone. */
function unquantised(value: Value): Value {
  let current = value;
  while (isOp(current.producer, ...CODING) && isReadOnce(current) && current.producer.inputs[0])
    current = current.producer.inputs[0];
  return current;
}

/** What a value becomes when it is quantised and dequantised again before anything else reads it. */
function requantised(value: Value): Value {
  let current = value;
  while (isReadOnce(current)) {
    const { node } = current.uses[0];
    if (!isOp(node, ...CODING) || !node.outputs[0]) break;
    current = node.outputs[0];
  }
  return current;
}

interface Source {
  readonly input: Value;
  readonly splits: readonly Node[];
}

function splitSource(parts: readonly Convolution[]): Source | null {
  const split = unquantised(parts[0].x).producer;
  if (!isOp(split, "Split") || !isChannelAxis(split, parts[0].weightShape.length)) return null;
  const [input] = split.inputs;
  const matches =
    split.outputs.length === parts.length &&
    parts.every(({ x }, i) => unquantised(x) === split.outputs[i]);
  return input && matches ? { input, splits: [split] } : null;
}

async function slicedSource(
  parts: readonly Convolution[],
  shapes: Shapes | null,
): Promise<Source | null> {
  const splits = parts.flatMap(({ x }) => {
    const { producer } = unquantised(x);
    return isOp(producer, "Slice") ? [producer] : [];
  });
  const input = splits[0]?.inputs[0];
  if (!input || splits.length < parts.length) return null;
  if (splits.some((split) => split.inputs[0] !== input)) return null;
  const channels = shapes?.get(input)?.[1] ?? Number.MAX_SAFE_INTEGER;
  let start = 0;
  for (const [i, split] of splits.entries()) {
    const bounds = await channelBounds(split, parts[i].weightShape.length);
    if (bounds?.start !== start) return null;
    start += parts[i].inChannels;
    const isLast = i === splits.length - 1;
    const reachesEnd = bounds.end >= Math.min(channels, OPEN_END);
    if (isLast ? !reachesEnd : bounds.end !== start) return null;
  }
  return { input, splits };
}

/** Exporters write "to the end" as the largest int32 or int64. */
const OPEN_END = 2 ** 31 - 1;

/** Where a Slice starts and ends, when it cuts the channel axis alone. */
async function channelBounds(
  slice: Node,
  rank: number,
): Promise<{ start: number; end: number } | null> {
  const list = async (name: string, at: number) =>
    intsAttribute(slice, name) ?? (await smallIntegers(slice.inputs[at]));
  const starts = await list("starts", 1);
  const ends = await list("ends", 2);
  const axes = slice.inputs[3] || slice.attributes.has("axes") ? await list("axes", 3) : [0];
  const steps = slice.inputs[4] ? await list("steps", 4) : [1];
  const isPlain = [starts, ends, axes, steps].every((numbers) => numbers?.length === 1);
  if (!starts || !ends || !axes || !steps || !isPlain) return null;
  const isAlongChannels = axes[0] === 1 || axes[0] === 1 - rank;
  return isAlongChannels && steps[0] === 1 ? { start: starts[0], end: ends[0] } : null;
}

async function smallIntegers(value: Value | null | undefined): Promise<readonly number[] | null> {
  const constant = value && constantBehind(value);
  const tensor = constant && constantTensor(constant);
  return tensor && product(tensor.shape) <= 8 ? [...(await readFloat64(tensor))] : null;
}

function isChannelAxis(node: Node, rank: number): boolean {
  const axis = intAttribute(node, "axis", node.op === "Split" ? 0 : undefined);
  return axis === 1 || axis === 1 - rank;
}

function isReadOnce(value: Value): boolean {
  return value.uses.length === 1 && !isOutput(value);
}

function isAlike(a: Convolution, b: Convolution): boolean {
  return (
    isOp(a.node, "Conv", "ConvTranspose") &&
    a.op === b.op &&
    a.weight !== null &&
    sameShape(a.weightShape, b.weightShape) &&
    a.hasBias === b.hasBias &&
    attributesAsText(a.node) === attributesAsText(b.node)
  );
}

function attributesAsText(node: Node): string {
  const entries = [...node.attributes].sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify(entries, (_, value) => (typeof value === "bigint" ? `${value}n` : value));
}
