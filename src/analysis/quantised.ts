import { allNodes, type Graph, isOp, isOutput, type Node, type Value } from "../graph/index.js";
import { convInputs } from "../ops/index.js";
import type { Convolution } from "./convolution.js";

/**
 * A Conv written in floats between quantised data, weight and result: the runtime may make one QLinearConv
 * of it. There is none for ConvTranspose, which runs in floats whatever is around it.
 */
export function isQuantised({ x, y, node }: Convolution): boolean {
  if (!isOp(node, "Conv")) return false;
  const weight = node.inputs[convInputs(node).weight];
  if (!isOp(x.producer, "DequantizeLinear") || !isOp(weight?.producer, "DequantizeLinear"))
    return false;
  const reader = onlyReader(y);
  const activated = isOp(reader, "Relu", "Clip") ? reader.outputs[0] : null;
  return isOp(activated ? onlyReader(activated) : reader, "QuantizeLinear");
}

/** Those of them that the optimised graph runs on integers: a QLinearConv there has their weight. */
export function runOnIntegers(
  convolutions: Iterable<Convolution>,
  optimised: Graph,
): ReadonlySet<Convolution> {
  const weights = new Set<string>();
  for (const node of allNodes(optimised)) {
    const weight = node.op === "QLinearConv" ? node.inputs[convInputs(node).weight] : null;
    if (weight) weights.add(weight.name);
  }
  return new Set(
    [...convolutions].filter(
      (convolution) =>
        isQuantised(convolution) && weights.has(codesOfWeight(convolution)?.name ?? ""),
    ),
  );
}

/** What a DequantizeLinear makes the weight of: a constant, or quantised from one ahead of time. */
function codesOfWeight({ node }: Convolution): Value | null | undefined {
  return node.inputs[convInputs(node).weight]?.producer?.inputs[0];
}

function onlyReader(value: Value): Node | null {
  return value.uses.length === 1 && !isOutput(value) ? value.uses[0].node : null;
}
