import type { Model, Node, Value } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { convAttributes, convInputs, GraphBuilder } from "../../ops/index.js";
import {
  fitPointwise,
  offDiagonal,
  type PointwiseFit,
  PointwiseSums,
} from "../../regroup/index.js";
import { Session } from "../../runtime/index.js";
import { toFloat64 } from "../../tensor/index.js";
import { product, range } from "../../util/math.js";
import { type ExamData, samplesIn } from "../exam-data.js";
import { reduce } from "../reduce.js";
import { convolutionAt, weightOf } from "./change-groups.js";

/**
 * The 1x1 convolution that comes closest to what a layer loses when it is cut into groups, on these data. The
 * sums it is fitted to are nodes of a copy of the network, so that no activation comes out.
 *
 * @param output Name of what the layer writes.
 * @param outShape `[N, M, ...size]` of that, in a full batch.
 */
export async function fitBranch(
  original: Model,
  output: string,
  outShape: readonly number[],
  groups: number,
  data: ExamData,
): Promise<PointwiseFit> {
  const model = copyModel(original);
  const node = convolutionAt(model, output);
  const { groups: from } = convAttributes(node);
  const weight = await weightOf(node);
  const dropped = offDiagonal(weight, groups, from);
  model.graph.outputs.length = 0;
  const g = new GraphBuilder(model.graph);
  const x = strided(g, node);
  const inputs = node.inputs.slice(0, convInputs(node).bias);
  const t = g.op(
    "Conv",
    inputs.with(convInputs(node).weight, g.constant(dropped)),
    Object.fromEntries(node.attributes),
  );
  const ports = appendSums(g, model.opset, x, t, outShape.length);
  const [outChannels, width] = weight.shape;
  const sums = new PointwiseSums(width * from, outChannels);
  const session = await Session.create(model);
  try {
    for (let index = 0; index < data.batchCount; index++) {
      const results = await session.run(await data.batch(index));
      const part = new PointwiseSums(width * from, outChannels);
      for (const [name, port] of ports) {
        const { dtype, bytes, size } = results[port.name];
        part[name].set(toFloat64(dtype, bytes, size));
      }
      part.count = samplesIn(data, index) * product(outShape.slice(2));
      sums.merge(part);
    }
  } finally {
    await session.release();
  }
  return fitPointwise(sums);
}

/** What a 1x1 convolution of the same stride reads: a pooling with a window of 1 picks it. */
function strided(g: GraphBuilder, node: Node): Value {
  const x = node.inputs[0]!;
  const { strides } = convAttributes(node);
  if (!strides || strides.every((stride) => stride === 1)) return x;
  return g.op("MaxPool", [x], { kernel_shape: strides.map(() => 1), strides });
}

type SumName = "xx" | "tx" | "x" | "t" | "tt";

function appendSums(
  g: GraphBuilder,
  opset: number,
  x: Value,
  t: Value,
  rank: number,
): [SumName, Value][] {
  const perm = [1, 0, ...range(2, rank)];
  const [rowsX, rowsT] = [x, t].map((value) =>
    g.op("Flatten", [g.transpose(value, perm)], { axis: 1 }),
  ); // [C, pixels]
  const columns = g.transpose(rowsX, [1, 0]);
  const total = (rows: Value) => reduce(g, opset, "ReduceSum", rows, [1]);
  const ports: [SumName, Value][] = [
    ["xx", g.op("MatMul", [rowsX, columns])],
    ["tx", g.op("MatMul", [rowsT, columns])],
    ["x", total(rowsX)],
    ["t", total(rowsT)],
    ["tt", total(g.op("Mul", [rowsT, rowsT]))],
  ];
  g.graph.outputs.push(...ports.map(([, value]) => value));
  return ports;
}
