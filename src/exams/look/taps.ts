import { type Convolution, constantValues } from "../../analysis/index.js";
import {
  isOp,
  isOutput,
  type Model,
  type Node,
  topologicalOrder,
  type Value,
} from "../../graph/index.js";

/** Where a layer is looked at. */
export interface Taps {
  /** What the convolution writes. */
  readonly output: Value;
  /** The value after its norm and activation; null when nothing stands behind it that bends its values. */
  readonly after: Value | null;
  /** What stands between the two, in order. */
  readonly way: readonly Node[];
  /** The batch norm that reads the output. */
  readonly batchNorm: Node | null;
}

/** They scale and shift each channel, or nothing at all: correlations stay as they are, but for their sign. */
const AFFINE = "BatchNormalization Add Sub Mul Div Identity Dropout Cast".split(" ");
const NORMS =
  "InstanceNormalization GroupNormalization LayerNormalization RMSNormalization LRN".split(" ");
const ACTIVATIONS = [
  ..."Relu LeakyRelu PRelu Elu Selu Celu Sigmoid HardSigmoid HardSwish Swish Tanh Softplus Softsign".split(
    " ",
  ),
  ..."Clip Mish Gelu ThresholdedRelu Erf Pow Sqrt Exp Abs Neg Min Max".split(" "),
  ..."QuantizeLinear DequantizeLinear".split(" "),
];

/** Finds what stands between each convolution of the main graph and whoever reads it next. */
export function findTaps(
  model: Model,
  convolutions: readonly Convolution[],
): Map<Convolution, Taps> {
  const constants = constantValues(model);
  const place = new Map(topologicalOrder(model.graph).map((node, index) => [node, index]));
  const taps = new Map<Convolution, Taps>();
  for (const convolution of convolutions) {
    const { y } = convolution;
    const region = pointwiseRegion(y, constants, place);
    const inside = new Set(region.map(({ node }) => node));
    // A value that only the region reads is on the way; the last that others read is what they get.
    const read = region.filter(
      ({ value }) => isOutput(value) || value.consumers.some((reader) => !inside.has(reader)),
    );
    const after = read.at(-1)?.value ?? y;
    const leading = nodesTo(after, y);
    const way = region.flatMap(({ node }) => (node && leading.has(node) ? [node] : []));
    const bends = way.some((node) => !isAffine(node, constants));
    taps.set(convolution, {
      output: y,
      after: after !== y && bends ? after : null,
      way,
      batchNorm:
        y.consumers.find((node) => isOp(node, "BatchNormalization") && node.inputs[0] === y) ??
        null,
    });
  }
  return taps;
}

interface Step {
  readonly value: Value;
  /** What writes it; null for the convolution's own output. */
  readonly node: Node | null;
}

/** All that follows from a value alone, element by element or by a norm, in topological order. */
function pointwiseRegion(
  start: Value,
  constants: ReadonlySet<Value>,
  place: ReadonlyMap<Node, number>,
): Step[] {
  const region: Step[] = [{ value: start, node: null }];
  const inside = new Set<Value>([start]);
  const pending = new Set(start.consumers);
  for (const node of pending) {
    const [output] = node.outputs;
    const follows =
      isOp(node, ...AFFINE, ...NORMS, ...ACTIVATIONS) &&
      output &&
      node.inputs.every((input) => !input || inside.has(input) || constants.has(input));
    if (!follows || inside.has(output)) continue;
    inside.add(output);
    region.push({ value: output, node });
    for (const reader of output.consumers) {
      pending.delete(reader); // asked again, now that one more of its inputs is inside
      pending.add(reader);
    }
  }
  const order = ({ node }: Step) => (node ? place.get(node)! : -1);
  return region.sort((a, b) => order(a) - order(b));
}

/** The nodes that a value is made by from another one, on whatever ways. */
function nodesTo(value: Value, start: Value): Set<Node> {
  const found = new Set<Node>();
  const pending = [value];
  for (const one of pending) {
    const { producer } = one;
    if (one === start || !producer || found.has(producer)) continue;
    found.add(producer);
    pending.push(...producer.inputs.filter((input) => input !== null));
  }
  return found;
}

function isAffine(node: Node, constants: ReadonlySet<Value>): boolean {
  if (!isOp(node, ...AFFINE)) return false;
  const data = node.inputs.filter((input) => input && !constants.has(input));
  return data.length === 1 && !(isOp(node, "Div") && data[0] !== node.inputs[0]);
}
