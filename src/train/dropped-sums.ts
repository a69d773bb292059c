import { isOp, type Node, type Value } from "../graph/index.js";
import { buildModel, type Network, stateDict } from "../nn/index.js";
import { GraphBuilder } from "../ops/index.js";
import { offDiagonal, PointwiseSums } from "../regroup/index.js";
import { Session, type Tensors } from "../runtime/index.js";
import { toFloat64 } from "../tensor/index.js";
import type { Batch } from "./data/index.js";
import type { State } from "./state.js";

/** A convolution that is about to be cut, by the name of its weight. */
export interface Cut {
  readonly weight: string;
  /** Groups it has and shall have. */
  readonly from: number;
  readonly to: number;
}

/**
 * For each cut: what its convolution reads, and what the kernels to be dropped made of it, summed up for a
 * least-squares fit. All are measured in one run a batch of the network as it is, in inference; the sums are
 * nodes of its graph, so that no activation comes out.
 */
export async function droppedSums(
  network: Network,
  state: State,
  cuts: readonly Cut[],
  batches: AsyncIterable<Batch>,
  inputShape: readonly number[],
): Promise<PointwiseSums[]> {
  const model = buildModel(network, { inputShape: ["N", ...inputShape] });
  const { graph } = model;
  for (const name of stateDict(network).keys()) {
    const value = graph.find(name);
    if (value) value.initializer = state.get(name)!;
  }
  graph.outputs.splice(0);
  const g = new GraphBuilder(graph);
  for (const [i, cut] of cuts.entries()) writeSums(g, state, cut, `sums.${i}`);
  const session = await Session.create(model);
  try {
    const total = cuts.map((cut) => emptySums(state, cut));
    for await (const { input } of batches) {
      const results = await session.run({ input });
      for (const [i, cut] of cuts.entries())
        total[i].merge(readSums(state, cut, results, `sums.${i}`));
    }
    return total;
  } finally {
    await session.release();
  }
}

const NAMES = ["xx", "tx", "x", "t", "tt", "count"] as const;

function writeSums(g: GraphBuilder, state: State, { weight, from, to }: Cut, scope: string): void {
  const node = convolutionOf(g.graph.find(weight)!);
  const x = node.inputs[0]!;
  const dropped = g.constant(offDiagonal(state.get(weight)!, to, from));
  const attributes = Object.fromEntries(node.attributes);
  g.within(scope, () => {
    const t = g.op("Conv", [x, dropped], attributes);
    const [rowsX, rowsT] = [x, t].map((value) => flatten(g, value));
    const columns = g.transpose(rowsX, [1, 0]);
    const sums = [
      g.op("MatMul", [rowsX, columns]),
      g.op("MatMul", [rowsT, columns]),
      rowSums(g, rowsX),
      rowSums(g, rowsT),
      rowSums(g, g.op("Mul", [rowsT, rowsT])),
      g.op("Cast", [g.op("Shape", [rowsX])], { to: 1 }),
    ];
    for (const [i, value] of sums.entries()) g.output(value, `${scope}.${NAMES[i]}`);
  });
}

function convolutionOf(weight: Value): Node {
  return weight.consumers.find((node) => isOp(node, "Conv"))!;
}

/** `[N, C, H, W]` -> `[C, N * H * W]`. */
function flatten(g: GraphBuilder, x: Value): Value {
  return g.op("Flatten", [g.transpose(x, [1, 0, 2, 3])], { axis: 1 });
}

/** `[C, P]` -> `[C]`. */
function rowSums(g: GraphBuilder, rows: Value): Value {
  return g.op("ReduceSum", [rows, g.ints([1])], { keepdims: 0 });
}

function emptySums(state: State, { weight, from }: Cut): PointwiseSums {
  const [outChannels, width] = state.get(weight)!.shape;
  return new PointwiseSums(width * from, outChannels);
}

function readSums(state: State, cut: Cut, results: Tensors, scope: string): PointwiseSums {
  const sums = emptySums(state, cut);
  const read = (name: string) => {
    const { dtype, bytes, size } = results[`${scope}.${name}`];
    return toFloat64(dtype, bytes, size);
  };
  sums.count = read("count")[1];
  for (const name of ["xx", "tx", "x", "t", "tt"] as const) sums[name].set(read(name));
  return sums;
}
