import type { Model } from "../graph/index.js";
import { findTarget, type TargetId, type Task } from "../groups/index.js";
import { inlineFunctions } from "../onnx/index.js";
import type { ReadOptimisedGraph, Shapes } from "../runtime/index.js";
import { GroupconvError, RuntimeError } from "../util/errors.js";
import { attentionHeadsAfter } from "./attention.js";
import { completeShapes } from "./complete-shapes.js";
import { type Convolution, findConvolutions } from "./convolution.js";
import type { FactName, FactResult, Facts } from "./facts.js";
import { findFastPaths } from "./find-fast-paths.js";
import { findHiddenGroups } from "./hidden-groups.js";
import { type BoundInput, bindInputs } from "./inputs.js";
import { findPyramids } from "./pyramid.js";
import { assignRoles, type RoleAssignment, type RoleOverride } from "./roles.js";
import { inferScene, type SceneFact } from "./scene.js";
import { findShuffles } from "./shuffles.js";
import { surveyMixing } from "./survey-mixing.js";
import { surveyTopology, type Topology } from "./topology/topology.js";

export interface SurveyOptions {
  /** What the network is for; inferred from the graph when left out. */
  readonly task?: Task;
  /** Hardware and runtime; `ort-cpu` when left out. */
  readonly target?: TargetId;
  /** Channels in a block of ONNX Runtime's blocked layout on this machine, for `ort-cpu`. */
  readonly blockSize?: number | null;
  /** Asks the runtime for the graph it runs, to confirm fast paths. Node's entry point sets it. */
  readonly readOptimisedGraph?: ReadOptimisedGraph;
  /** Shapes of inputs the file leaves open, by name. */
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  /** Roles the caller knows better. */
  readonly roles?: readonly RoleOverride[];
}

/**
 * Looks at a model: its own functions written out where they are called, its inputs bound, its shapes asked
 * of the runtime, its convolutions listed.
 */
export async function survey(original: Model, options: SurveyOptions = {}): Promise<Survey> {
  const model = inlineFunctions(original);
  const { inputShapes = {}, task } = options;
  // The task sets the size of open inputs, and shapes tell the task: look once without them.
  const guess = () => task ?? inferScene(model, findConvolutions(model, null), null).task;
  const inputs = bindInputs(model.graph, inputShapes, guess);
  const bound = new Map(
    inputs.flatMap(({ name, shape }) => (shape ? [[name, shape] as const] : [])),
  );
  try {
    return new Survey(model, options, inputs, await completeShapes(model, bound), null);
  } catch (error) {
    if (!(error instanceof RuntimeError)) throw error;
    return new Survey(model, options, inputs, null, error.message);
  }
}

/** One model, and every fact about it that somebody asked for. */
export class Survey {
  readonly convolutions: readonly Convolution[];
  #roles: RoleAssignment | undefined;
  #topology: Topology | undefined;
  readonly #known = new Map<FactName, Promise<FactResult<unknown>>>();

  /** See {@link survey}. */
  constructor(
    /** With its functions written out, where that can be done. */
    readonly model: Model,
    readonly options: SurveyOptions,
    readonly inputs: readonly BoundInput[],
    readonly shapes: Shapes | null,
    /** The runtime's words, when it could not load the model. */
    readonly shapesMissing: string | null,
  ) {
    this.convolutions = findConvolutions(model, shapes);
  }

  /** A fact, computed the first time; or the reason why it cannot be had. */
  fact<Name extends FactName>(name: Name): Promise<FactResult<Facts[Name]>> {
    let result = this.#known.get(name);
    if (!result) {
      result = this.#compute[name]();
      this.#known.set(name, result);
    }
    return result as Promise<FactResult<Facts[Name]>>;
  }

  /** For facts that can always be had. */
  async get<Name extends Exclude<FactName, "shapes">>(name: Name): Promise<Facts[Name]> {
    const fact = await this.fact(name);
    if ("unavailable" in fact) throw new GroupconvError(`${name}: ${fact.unavailable}`);
    return fact.value;
  }

  /** Role overrides that match no convolution. */
  async unmatchedRoles(): Promise<readonly RoleOverride[]> {
    return (await this.#assignment()).unmatched;
  }

  /** Of the main graph; what scene, roles, pyramids and attention are read from. */
  #surveyTopology(): Topology {
    this.#topology ??= surveyTopology(this.model.graph, this.shapes);
    return this.#topology;
  }

  #scene(): SceneFact {
    const { task } = this.options;
    return task
      ? { task, reason: "the caller said so" }
      : inferScene(this.model, this.convolutions, this.shapes, this.#surveyTopology());
  }

  async #assignment(): Promise<RoleAssignment> {
    const { model, convolutions, shapes, options } = this;
    const scene = await this.get("scene");
    this.#roles ??= assignRoles(
      model,
      convolutions,
      shapes,
      scene,
      options.roles ?? [],
      this.#surveyTopology(),
    );
    return this.#roles;
  }

  readonly #compute: { [Name in FactName]: () => Promise<FactResult<Facts[Name]>> } = {
    convolutions: async () => ({ value: this.convolutions }),
    shapes: async () =>
      this.shapes ? { value: this.shapes } : { unavailable: this.shapesMissing ?? "no shapes" },
    mixing: async () => ({ value: await surveyMixing(this.model, this.convolutions, this.shapes) }),
    scene: async () => ({ value: this.#scene() }),
    roles: async () => ({ value: (await this.#assignment()).roles }),
    pyramids: async () => ({
      value: findPyramids(this.model.graph, this.convolutions, this.shapes, this.#surveyTopology()),
    }),
    attentionHeads: async () => ({
      value: await attentionHeadsAfter(
        this.convolutions,
        this.model.graph,
        this.shapes,
        this.#surveyTopology(),
      ),
    }),
    target: async () => ({
      value: {
        target: findTarget(this.options.target ?? "ort-cpu"),
        given: this.options.target !== undefined,
      },
    }),
    fastPaths: async () => {
      const { target } = await this.get("target");
      return { value: await findFastPaths(this.model, this.convolutions, target, this.options) };
    },
    shuffles: async () => ({ value: await findShuffles(this.model, this.shapes) }),
    hiddenGroups: async () => ({ value: await findHiddenGroups(this.convolutions, this.shapes) }),
  };
}
