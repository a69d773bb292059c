import { type Model, topologicalOrder } from "../graph/index.js";
import { Session, type Tensors } from "../runtime/index.js";
import type { Tensor } from "../tensor/index.js";
import { DivergenceError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { ownerOf, type State } from "./state.js";

const HELP = "Lower the learning rate, limit the gradients by clipNorm, or look at the data.";

/**
 * Runs a step once more with every value as an output, to find where NaN or infinity came in.
 *
 * @param step 1 is the first.
 */
export async function whereNonFinite(
  model: Model,
  feeds: Tensors,
  step: number,
): Promise<DivergenceError> {
  for (const [name, tensor] of Object.entries(feeds)) {
    const problem = nonFiniteIn(tensor);
    if (!problem) continue;
    const what =
      name === "input" || name.includes(":")
        ? `step ${step}: "${printable(name)}" of the batch has ${problem}`
        : left(step - 1, problem, name);
    return new DivergenceError(what, { help: HELP });
  }
  const first = await firstNonFinite(model, feeds);
  return new DivergenceError(
    first
      ? `step ${step}: "${printable(first.name)}", a ${first.op}, is the first with ${first.problem}`
      : `step ${step}: the loss is not a finite number, though every value of a run without optimisation is`,
    { help: HELP },
  );
}

/** @throws DivergenceError if a step left NaN or infinity in what training changes. */
export function checkFinite(state: State, step: number): void {
  for (const [name, tensor] of state) {
    const problem = nonFiniteIn(tensor);
    if (problem) throw new DivergenceError(left(step, problem, name), { help: HELP });
  }
}

function left(step: number, problem: string, name: string): string {
  return `step ${step} left ${problem} in "${printable(ownerOf(name))}"`;
}

async function firstNonFinite(model: Model, feeds: Tensors) {
  const { graph } = model;
  const kept = [...graph.outputs];
  const nodes = topologicalOrder(graph);
  const values = nodes.flatMap((node) => node.outputs.filter((value) => value !== null));
  graph.outputs.splice(0, graph.outputs.length, ...new Set([...kept, ...values]));
  const session = await Session.create(model, { optimisation: "disabled" }).finally(() =>
    graph.outputs.splice(0, graph.outputs.length, ...kept),
  );
  try {
    const results = await session.run(feeds);
    for (const node of nodes)
      for (const value of node.outputs) {
        const problem = value && results[value.name] && nonFiniteIn(results[value.name]);
        if (problem) return { name: value.name, op: node.op, problem };
      }
    return null;
  } finally {
    await session.release();
  }
}

function nonFiniteIn({ dtype, data }: Tensor): string | null {
  if (dtype !== "float32") return null;
  for (const number of data as Float32Array)
    if (!Number.isFinite(number)) return Number.isNaN(number) ? "NaN" : "infinity";
  return null;
}
