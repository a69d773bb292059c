import { isOp, type Node, type Value } from "../../graph/index.js";
import { isConvolution } from "../../ops/index.js";
import type { Topology } from "./topology.js";

/** The layers with weights after which no other one comes on a way to an output; and that output. */
export function lastLayers({ graph, data, gates }: Topology): ReadonlyMap<Node, Value> {
  const layers = new Map<Node, Value>();
  const seen = new Set<Value>();
  for (const output of graph.outputs) {
    const pending = [output];
    for (let value = pending.pop(); value; value = pending.pop()) {
      const { producer } = value;
      if (seen.has(value) || !data.has(value) || !producer || gates.nodes.has(producer)) continue;
      seen.add(value);
      if (isLayer(producer, data)) layers.set(producer, output);
      else for (const input of producer.inputs) if (input) pending.push(input);
    }
  }
  return layers;
}

function isLayer(node: Node, data: ReadonlySet<Value>): boolean {
  if (isConvolution(node) || isOp(node, "LSTM", "GRU", "RNN")) return true;
  const multiplies = isOp(node, "MatMul", "Gemm", "MatMulInteger", "QLinearMatMul");
  return multiplies && node.inputs.filter((input) => input && data.has(input)).length < 2;
}
