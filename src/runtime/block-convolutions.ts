import { isOp, type Model, type Node, type Value } from "../graph/index.js";
import { type ConvAttributes, convAttributes, GraphBuilder, newModel } from "../ops/index.js";
import { tensor, zeros } from "../tensor/index.js";
import { RuntimeError } from "../util/errors.js";
import { product, range } from "../util/math.js";
import { BLOCKED_DOMAIN } from "./optimised-graph.js";
import { Session } from "./session.js";
import type { Shapes } from "./shapes.js";

/**
 * ONNX Runtime's CPU is fastest at convolutions in a blocked layout, `[N, C/block, H, W, block]`, and turns
 * to it by itself only where the weights are constants. Those of a training are not. This writes what it
 * would write, with the weights put in order step by step, at the processor's block of 8 or 16 channels:
 *
 * - dense and grouped convolutions whose groups are whole blocks: 0.65 to 0.8 of the time of a 3x3;
 * - depthwise ones: 0.4 to 0.7;
 * - thinner groups, several packed into one block with zeros between them: 0.7 to 0.9.
 *
 * Those of 1x1 stay: they are matrix products, and as fast without. Where the runtime has no blocked layout,
 * as in a browser, nothing changes. The model is then good for processors like this one only.
 *
 * @param shapes Of every weight at least.
 */
export async function blockConvolutions(model: Model, shapes: Shapes): Promise<void> {
  const block = await blockSize();
  if (block === 1) return;
  const g = new GraphBuilder(model.graph);
  for (const node of [...model.graph.nodes]) {
    const plan = planOf(node, shapes, block);
    if (!plan) continue;
    model.opsets.set(BLOCKED_DOMAIN, 1);
    writeBlocked(g, node, plan, block);
  }
}

let known: Promise<number> | undefined;

/** Channels in a block; 1 where this build of the runtime has none. Asked once a process. */
function blockSize(): Promise<number> {
  known ??= askBlockSize();
  return known;
}

/** Few channels are filled up to a block. */
async function askBlockSize(): Promise<number> {
  const model = newModel("block_size");
  model.opsets.set(BLOCKED_DOMAIN, 1);
  const g = new GraphBuilder(model.graph);
  const [blocked] = g.ops("ReorderInput", [g.input("x", [1, 4, 1, 1])], {}, 1, BLOCKED_DOMAIN);
  g.output(blocked, "y", { shape: [1, null, 1, 1] });
  try {
    const session = await Session.create(model, { threads: 1 });
    const { y } = await session.run({ x: zeros([1, 4, 1, 1]) });
    await session.release();
    return y.shape[1];
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    return 1; // the operator is unknown
  }
}

/** How the weights `[M, C/G, kh, kw]` of a convolution are put into blocks. */
interface Plan {
  readonly attributes: ConvAttributes;
  readonly weight: readonly number[];
  /** Groups of the convolution that share a block; 1 for groups that fill theirs, and for depthwise. */
  readonly packed: number;
}

function planOf(node: Node, shapes: Shapes, block: number): Plan | null {
  const [, w] = node.inputs;
  if (!isOp(node, "Conv") || !w || (w.initializer && !node.graph.inputs.includes(w))) return null;
  const weight = shapes.get(w);
  const attributes = convAttributes(node);
  if (weight?.length !== 4 || attributes.autoPad !== "NOTSET") return null;
  const [m, ins, ...kernel] = weight;
  const outs = m / attributes.groups;
  if (product(kernel) === 1) return null;
  if (ins % block === 0 && outs % block === 0) return { attributes, weight, packed: 1 };
  if (ins !== outs || m % block !== 0 || block % ins !== 0) return null;
  return { attributes, weight, packed: ins === 1 ? 1 : block / ins };
}

function writeBlocked(g: GraphBuilder, node: Node, plan: Plan, block: number): void {
  const { attributes, weight, packed } = plan;
  const { groups, strides, dilations, pads } = attributes;
  const [x, w, bias] = node.inputs as Value[];
  const [y] = node.outputs as Value[];
  const blocked = (op: string, inputs: readonly (Value | null)[], given = {}) =>
    g.ops(op, inputs, given, 1, BLOCKED_DOMAIN)[0];
  const result = g.within(`${node.label}.blocked`, () => {
    const ordered = packed === 1 ? w : packWeight(g, w, weight, groups, packed);
    const shape = [weight[0], weight[1] * packed, ...weight.slice(2)];
    const filter = orderWeight(g, ordered, shape, block);
    const inputs = [blocked("ReorderInput", [x]), filter, ...(bias ? [bias] : [])];
    const kernel_shape = weight.slice(2);
    const conv = { group: groups / packed, kernel_shape, strides, dilations, pads };
    return blocked("ReorderOutput", [blocked("Conv", inputs, conv)], { channels: weight[0] });
  });
  result.type = y.type;
  g.graph.replaceUses(y, result);
  const { name } = y;
  g.graph.removeNode(node);
  g.graph.rename(result, name);
}

/** `[M, C/G, kh, kw]` to `[M, packed * C/G, kh, kw]`: each group sees its own channels of the pack, and zeros. */
function packWeight(
  g: GraphBuilder,
  w: Value,
  [m, ins, ...kernel]: readonly number[],
  groups: number,
  packed: number,
): Value {
  const ones = range(packed * packed).map((i) => (i % (packed + 1) === 0 ? 1 : 0));
  const own = g.constant(tensor(Float32Array.from(ones), [1, packed, 1, packed, 1, 1]));
  const apart = g.reshape(w, [groups / packed, packed, m / groups, 1, ins, product(kernel)]);
  return g.reshape(g.op("Mul", [apart, own]), [m, packed * ins, ...kernel]);
}

/**
 * `[M, C, taps]` to `[M/block, C/block, taps, block of C, block of M]`; a depthwise C stays the one it is. One
 * axis at a time: the runtime has fast code for that, 0.3 of the time of all at once (512x256x3x3).
 */
function orderWeight(
  g: GraphBuilder,
  w: Value,
  [m, ins, ...kernel]: readonly number[],
  block: number,
): Value {
  const inner = ins === 1 ? 1 : block;
  const taps = product(kernel);
  const outsLast = g.transpose(g.reshape(w, [m / block, block, ins * taps]), [0, 2, 1]);
  const apart = g.reshape(outsLast, [(m * ins) / (block * inner), inner, taps, block]);
  return g.reshape(g.transpose(apart, [0, 2, 1, 3]), [m, ins, ...kernel]);
}
