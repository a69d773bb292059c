import type { Graph, Value } from "../graph/index.js";
import { GraphBuilder } from "../ops/index.js";
import { byteLength, Rng } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import { product } from "../util/math.js";
import { Param } from "./param.js";

/**
 * A part of a network: it owns parameters and other modules, and writes its nodes when asked to.
 *
 * Ownership is by fields: a field that holds a {@link Param}, a module, or an array of them is owned, and
 * its name, camelCase written as snake_case, is its name in the `state_dict`: `layer1.0.conv1.weight`,
 * `running_mean`. Fields with a leading `#` are not seen.
 */
export abstract class Module<Out = Value> {
  /** Writes the nodes that compute this module's output. Call it by `g.call` or `g.pipe`. */
  abstract forward(g: ModuleBuilder, ...inputs: Value[]): Out;

  /** What this module itself owns, by name, in the order of its fields. */
  *children(): Iterable<[name: string, child: Module<unknown> | Param]> {
    for (const [field, value] of Object.entries(this)) yield* owned(snakeCase(field), value);
  }
}

/**
 * `inference`: batch norms use their running statistics, dropouts let all through. `training`: batch
 * norms use those of the batch and keep count, dropouts drop.
 */
export type Mode = "inference" | "training";

export interface ModuleBuilderOptions {
  readonly moduleNames: ReadonlyMap<Module<unknown>, string>;
  readonly paramNames: ReadonlyMap<Param, string>;
  readonly seed: number;
  readonly mode: Mode;
}

/** A builder that knows the names of one network's modules and parameters. */
export class ModuleBuilder extends GraphBuilder {
  readonly #options: ModuleBuilderOptions;
  readonly #rng: Rng;
  readonly #values = new Map<Param, Value>();
  readonly #updates = new Map<string, Value>();
  /** Of the module being written. */
  #moduleName = "";

  constructor(graph: Graph, options: ModuleBuilderOptions) {
    super(graph);
    this.#options = options;
    this.#rng = new Rng(options.seed);
  }

  get mode(): Mode {
    return this.#options.mode;
  }

  /** What a module makes of its inputs; its nodes are named after it. */
  call<Out>(module: Module<Out>, ...inputs: Value[]): Out {
    const caller = this.#moduleName;
    const name = nameOf(this.#options.moduleNames, module);
    const scope = name.startsWith(`${caller}.`) ? name.slice(caller.length + 1) : name;
    this.#moduleName = name;
    try {
      return this.within(scope, () => module.forward(this, ...inputs));
    } finally {
      this.#moduleName = caller;
    }
  }

  /** One module after the other. */
  pipe(x: Value, ...modules: readonly Module[]): Value {
    return modules.reduce((value, module) => this.call(module, value), x);
  }

  /**
   * The initializer that holds a parameter, under its `state_dict` name. One without a value is drawn
   * when it is loaded, from the seed and its name alone: two networks that differ in one layer start
   * equal in all others.
   */
  param(param: Param): Value {
    const known = this.#values.get(param);
    if (known) return known;
    const name = nameOf(this.#options.paramNames, param);
    const { shape } = param;
    const drawn = {
      dtype: "float32" as const,
      shape,
      byteLength: byteLength("float32", product(shape)),
      load: async () => param.init(this.#rng.fork(name), shape).bytes,
    };
    const value = this.constant(param.value ?? drawn, name);
    // Not a constant while it is trained: ONNX Runtime 1.30 makes equal constants one, and its batch norm
    // then writes the new running statistics over somebody else's weights.
    if (this.mode === "training") this.graph.inputs.push(value);
    this.#values.set(param, value);
    return value;
  }

  /** Random numbers for the module being written, set by the seed and the module's name alone. */
  rng(): Rng {
    return this.#rng.fork(this.#moduleName);
  }

  /** In training: notes what a buffer holds from here on. */
  update(buffer: Param, value: Value): void {
    value.type = { kind: "tensor", dtype: "float32", shape: buffer.shape };
    this.#updates.set(nameOf(this.#options.paramNames, buffer), value);
  }

  /** What a buffer holds by now: its initializer, or what an earlier use of its module made of it. */
  current(buffer: Param): Value {
    return this.#updates.get(nameOf(this.#options.paramNames, buffer)) ?? this.param(buffer);
  }

  /** What `update` noted, by the buffer's name. */
  get updates(): ReadonlyMap<string, Value> {
    return this.#updates;
  }
}

function* owned(name: string, value: unknown): Iterable<[string, Module<unknown> | Param]> {
  if (value instanceof Module || value instanceof Param) yield [name, value];
  else if (Array.isArray(value))
    for (const [i, item] of value.entries()) yield* owned(`${name}.${i}`, item);
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function nameOf<T extends Module<unknown> | Param>(names: ReadonlyMap<T, string>, item: T): string {
  const name = names.get(item);
  if (name === undefined)
    throw new UsageError(`${item.constructor.name}: no module of this network owns it`, {
      help: "Keep it in a field of the module that uses it, or in an array in such a field.",
    });
  return name;
}
