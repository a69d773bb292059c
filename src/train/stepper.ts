import type { Network } from "../nn/index.js";
import { blockConvolutions, inferShapes, Session, type Tensors } from "../runtime/index.js";
import { type Rng, scalar, type Tensor, zeros } from "../tensor/index.js";
import type { Batch } from "./data/index.js";
import { drawMasks } from "./dropout-masks.js";
import { whereNonFinite } from "./find-non-finite.js";
import type { TensorSpec } from "./losses/index.js";
import { completeState, nextName, type State, sumName } from "./state.js";
import {
  buildStepGraph,
  changingNames,
  countsName,
  type StepGraph,
  type StepGraphOptions,
  scalarName,
  targetName,
} from "./step-graph.js";

export interface StepperOptions extends StepGraphOptions {
  /** Threads an operator may use. The runtime decides by default. */
  readonly threads?: number;
}

export interface StepOutcome {
  /** Mean over the step's batches. */
  readonly loss: number;
  /** Length of all gradients together before clipping; null where nothing is clipped. */
  readonly gradientNorm: number | null;
  /** Of each metric, counts that add up over steps. */
  readonly counts: readonly Float64Array[];
}

/** A compiled graph and the memory its results are written to. */
interface Compiled {
  readonly graph: StepGraph;
  readonly session: Session;
  readonly changing: readonly string[];
  readonly spare: Map<string, Tensor<"float32">>;
}

/**
 * One training step, compiled: it takes a state and batches, and leaves the next state. Two sets of memory
 * take turns, so that a step allocates nothing large.
 */
export class Stepper {
  readonly #step: Compiled;
  readonly #accumulate: Compiled | null;

  private constructor(
    step: Compiled,
    accumulate: Compiled | null,
    readonly options: StepperOptions,
  ) {
    this.#step = step;
    this.#accumulate = accumulate;
  }

  /**
   * @param state Gets what the optimizer remembers and does not have yet.
   * @throws ShapeError if the input does not fit the network, UsageError if the losses do not.
   */
  static async create(network: Network, state: State, options: StepperOptions): Promise<Stepper> {
    const step = await compile(await buildStepGraph(network, options), state, options);
    if ((options.accumulate ?? 1) === 1) return new Stepper(step, null, options);
    try {
      const adding = await buildStepGraph(network, options, "accumulate");
      return new Stepper(step, await compile(adding, state, options), options);
    } catch (error) {
      await step.session.release();
      throw error;
    }
  }

  get graph(): StepGraph {
    return this.#step.graph;
  }

  /**
   * Changes the state by one step.
   *
   * @param batches As many as `accumulate` says.
   * @param step 1 is the first.
   * @param rng What this step draws dropout masks from.
   * @throws DivergenceError when the loss is no finite number; the state is then as it was before, but for
   *     running statistics.
   */
  async run(
    state: State,
    batches: readonly Batch[],
    { step, lr, rng }: { readonly step: number; readonly lr: number; readonly rng: Rng },
  ): Promise<StepOutcome> {
    const scalars = Object.entries(this.options.optimizer.scalars(step, lr)).map(
      ([name, value]) => [scalarName(name), scalar(value)] as const,
    );
    if (this.#accumulate) clearSums(state);
    const outcomes: StepOutcome[] = [];
    for (const [i, batch] of batches.entries()) {
      const isLast = i === batches.length - 1;
      const compiled = isLast ? this.#step : this.#accumulate!;
      const masks = drawMasks(compiled.graph.masks, rng.fork(String(i)));
      const others = isLast ? Object.fromEntries(scalars) : {};
      const given = { ...feedsOf(batch, this.graph.targets), ...masks, ...others };
      outcomes.push(await advance(compiled, state, given, step));
    }
    return {
      loss: outcomes.reduce((sum, { loss }) => sum + loss, 0) / outcomes.length,
      gradientNorm: outcomes[outcomes.length - 1].gradientNorm,
      counts: addUp(outcomes.map(({ counts }) => counts)),
    };
  }

  async release(): Promise<void> {
    await Promise.all([this.#step.session.release(), this.#accumulate?.session.release()]);
  }
}

async function compile(
  graph: StepGraph,
  state: State,
  { threads }: StepperOptions,
): Promise<Compiled> {
  await blockConvolutions(graph.model, await inferShapes(graph.model));
  const session = await Session.create(graph.model, { threads });
  const changing = changingNames(graph.model.graph);
  const shapes = new Map(
    session.inputs.map(({ name, shape }) => [name, shape as readonly number[]]),
  );
  const ports = changing.map((name) => ({ name, shape: shapes.get(name)! }));
  completeState(
    state,
    session.inputs
      .filter(({ name }) => isOfState(name, graph))
      .map(({ name, shape }) => ({ name, shape: shape as readonly number[] })),
  );
  return {
    graph,
    session,
    changing,
    spare: new Map(ports.map(({ name, shape }) => [name, zeros(shape)])),
  };
}

function isOfState(name: string, { masks }: StepGraph): boolean {
  return name !== "input" && !name.includes(":") && !masks.some((mask) => mask.name === name);
}

async function advance(
  { graph, session, changing, spare }: Compiled,
  state: State,
  given: Tensors,
  step: number,
): Promise<StepOutcome> {
  const held = session.inputs.flatMap(({ name }) => {
    const tensor = state.get(name);
    return tensor ? [[name, tensor] as const] : [];
  });
  const feeds = { ...Object.fromEntries(held), ...given };
  const changes = new Set(changing.map(nextName));
  const results = await session.run(feeds, {
    ...Object.fromEntries(
      session.outputs.filter(({ name }) => !changes.has(name)).map(({ name }) => [name, null]),
    ),
    ...Object.fromEntries(changing.map((name) => [nextName(name), spare.get(name)!])),
  });
  const loss = Number(results.loss.data[0]);
  if (!Number.isFinite(loss)) throw await whereNonFinite(graph.model, feeds, step);
  for (const name of changing) {
    const old = state.get(name)!;
    state.set(name, spare.get(name)!);
    spare.set(name, old);
  }
  return {
    loss,
    gradientNorm: results.gradient_norm ? Number(results.gradient_norm.data[0]) : null,
    counts: countsOf(results, graph.objective.metrics.length),
  };
}

/** The inputs of a graph that a batch gives; a data set may have more targets than are asked for. */
export function feedsOf(
  { input, targets }: Batch,
  wanted: ReadonlyMap<string, TensorSpec>,
): Record<string, Tensor> {
  const named = [...wanted.keys()].map((output) => [targetName(output), targets[output]]);
  return { input, ...Object.fromEntries(named) };
}

/** The counts of each metric among the results of a run. */
export function countsOf(results: Tensors, metrics: number): Float64Array[] {
  return Array.from({ length: metrics }, (_, i) =>
    Float64Array.from(results[countsName(i)].data as Float32Array),
  );
}

/** Counts of several batches, metric by metric. */
export function addUp(counts: readonly (readonly Float64Array[])[]): Float64Array[] {
  return counts[0].map((first, metric) =>
    first.map((_, i) => counts.reduce((sum, batch) => sum + batch[metric][i], 0)),
  );
}

function clearSums(state: State): void {
  for (const [name, tensor] of state) if (name.endsWith(sumName(""))) tensor.data.fill(0);
}
