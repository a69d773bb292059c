import type { Value } from "../../src/graph/index.js";
import { GraphBuilder, newModel } from "../../src/ops/index.js";
import { Session, type Tensors } from "../../src/runtime/index.js";
import type { Tensor } from "../../src/tensor/index.js";

/** Runs nodes on tensors: `write` gets a value for each, and gives the one to be computed. */
export async function writeAndRun(
  inputs: Tensors,
  write: (g: GraphBuilder, values: Record<string, Value>) => Value,
): Promise<Tensor> {
  const model = newModel("case");
  const g = new GraphBuilder(model.graph);
  const values = Object.fromEntries(
    Object.entries(inputs).map(([name, { shape, dtype }]) => [name, g.input(name, shape, dtype)]),
  );
  g.output(write(g, values), "result");
  const session = await Session.create(model);
  try {
    return (await session.run(inputs)).result;
  } finally {
    await session.release();
  }
}
