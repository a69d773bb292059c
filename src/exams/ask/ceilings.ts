import { GraphBuilder, newModel } from "../../ops/index.js";
import type { ProfileRuns, SessionOptions } from "../../runtime/index.js";
import { full, Rng } from "../../tensor/index.js";
import { spreadOf } from "../../util/statistics.js";
import type { Ceilings } from "./section.js";

/** Side of the matrices: large enough to keep every unit busy, small enough to be rarely interrupted. */
const SIDE = 512;
/** Values of the tensor that is passed over: 32 MiB read and 32 MiB written, more than a core's caches hold. */
const VALUES = 2 ** 23;
const RUNS = 100;
const BUDGET_MS = 2000;

/**
 * What this machine does at best in this runtime: a product of two 512 x 512 matrices, the second one
 * constant as weights are, and a pass of `Neg` over 32 MiB. Of each the fastest run, as interruptions only
 * ever add.
 */
export async function measureCeilings(
  profileRuns: ProfileRuns,
  options: SessionOptions & { readonly signal?: AbortSignal } = {},
): Promise<Ceilings> {
  const model = newModel("ceilings");
  const b = new GraphBuilder(model.graph);
  const matrix = b.input("matrix", [SIDE, SIDE]);
  const values = b.input("values", [VALUES]);
  const product = b.op("MatMul", [matrix, b.constant(full([SIDE, SIDE], 1 / SIDE))]);
  b.output(product, "product", { shape: [SIDE, SIDE] });
  b.output(b.op("Neg", [values]), "negated", { shape: [VALUES] });
  const feeds = { matrix: new Rng(0).uniform([SIDE, SIDE]), values: full([VALUES], 0.5) };
  const { nodes } = await profileRuns(model, feeds, {
    ...options,
    runs: RUNS,
    budgetMs: BUDGET_MS,
  });
  const speeds = (op: string, amount: number) =>
    nodes.filter((node) => node.op === op).flatMap(({ ms }) => ms.map((one) => amount / one / 1e6));
  const gigaflops = speeds("MatMul", 2 * SIDE ** 3);
  const gigabytes = speeds("Neg", 2 * 4 * VALUES);
  return {
    gigaflopsPerSecond: Math.max(...gigaflops),
    gigabytesPerSecond: Math.max(...gigabytes),
    gigaflopsPerSecondSpread: spreadOf(gigaflops),
    gigabytesPerSecondSpread: spreadOf(gigabytes),
  };
}
