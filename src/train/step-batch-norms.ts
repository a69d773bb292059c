import { floatAttribute, intAttribute, isOp, type Model, type Value } from "../graph/index.js";
import { GraphBuilder } from "../ops/index.js";

/**
 * Has each BatchNormalization in training give out the statistics of its batch, which its gradient needs as
 * well, and writes the running ones behind it:
 *
 *     y, mean, variance = BatchNormalization(x, ..., momentum=0)
 *     next running mean = momentum * running mean + (1 - momentum) * mean, and so the variance
 */
export function exposeBatchStatistics({ graph }: Model): void {
  const g = new GraphBuilder(graph);
  for (const node of [...graph.nodes]) {
    if (!isOp(node, "BatchNormalization") || intAttribute(node, "training_mode", 0) === 0) continue;
    const [x, scale, bias, runningMean, runningVariance] = node.inputs as Value[];
    const epsilon = { type: "float", value: floatAttribute(node, "epsilon", 1e-5) } as const;
    const share = floatAttribute(node, "momentum", 0.9);
    const written = g.within(`${node.label}.batch`, () => {
      // The runtime writes into the memory of the old statistics: two vectors that nobody else reads.
      const old = [
        g.op("Mul", [runningMean, g.scalar(0)]),
        g.op("Sub", [runningMean, runningMean]),
      ];
      const momentum = { type: "float", value: 0 } as const;
      const attributes = { epsilon, momentum, training_mode: 1 };
      const inputs = [x, scale, bias, ...old];
      const [y, mean, variance] = g.ops("BatchNormalization", inputs, attributes, 3);
      return [y, blend(g, runningMean, mean, share), blend(g, runningVariance, variance, share)];
    });
    const names = node.outputs.map((output) => output?.name);
    for (const [i, output] of node.outputs.entries()) {
      if (!output) continue;
      written[i].type = output.type;
      graph.replaceUses(output, written[i]);
    }
    graph.removeNode(node);
    for (const [i, name] of names.entries()) if (name) graph.rename(written[i], name);
  }
}

/** `share` of the old, and of the new what is left. */
function blend(g: GraphBuilder, old: Value, fresh: Value, share: number): Value {
  const kept = g.op("Mul", [old, g.scalar(share)]);
  return g.op("Add", [kept, g.op("Mul", [fresh, g.scalar(1 - share)])]);
}
