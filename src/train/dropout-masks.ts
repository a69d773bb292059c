import { isOp, type Model } from "../graph/index.js";
import type { Shapes } from "../runtime/index.js";
import { type Rng, readFloat32, Tensor } from "../tensor/index.js";
import { product } from "../util/math.js";

/** A factor for each element of a dropout's input, `0` or `1 / (1 - p)`, that a step is given. */
export interface DropoutMask {
  readonly name: string;
  readonly shape: readonly number[];
  readonly p: number;
}

/**
 * Replaces each Dropout by a product with a mask that comes in as an input. The runtime's own dropout
 * counts the runs of its session, so a resumed training could not go on where it stopped.
 */
export async function feedDropouts({ graph }: Model, shapes: Shapes): Promise<DropoutMask[]> {
  const masks: DropoutMask[] = [];
  for (const node of graph.nodes.filter((node) => isOp(node, "Dropout"))) {
    const [x, ratio] = node.inputs;
    const [y] = node.outputs;
    const [p] = ratio?.initializer ? await readFloat32(ratio.initializer) : [0.5];
    const shape = shapes.get(x!)!;
    const name = graph.freshName(`${node.label}#mask`);
    const mask = graph.addInput(name, { kind: "tensor", dtype: "float32", shape });
    const masked = graph.newValue(graph.freshName(`${node.label}.masked`));
    const at = graph.nodes.indexOf(node);
    graph.addNode("Mul", [x!, mask], { name: `${node.label}.mask`, outputs: [masked], at });
    graph.replaceUses(y!, masked);
    graph.removeNode(node);
    masks.push({ name, shape, p });
  }
  return masks;
}

/** The masks of one step, set by its generator and their names alone. */
export function drawMasks(masks: readonly DropoutMask[], rng: Rng): Record<string, Tensor> {
  return Object.fromEntries(
    masks.map(({ name, shape, p }) => {
      const random = rng.fork(name);
      const keep = 1 / (1 - p);
      const data = Float32Array.from({ length: product(shape) }, () =>
        random.float() < p ? 0 : keep,
      );
      return [name, new Tensor("float32", shape, data)];
    }),
  );
}
