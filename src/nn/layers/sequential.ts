import type { Value } from "../../graph/index.js";
import { Module, type ModuleBuilder } from "../module.js";

/**
 * One module after the other. In the `state_dict` they are named `0`, `1`, ..., or as the keys say, in
 * their order.
 */
export class Sequential extends Module {
  readonly #modules: ReadonlyMap<string, Module>;

  constructor(modules: readonly Module[] | Readonly<Record<string, Module>>) {
    super();
    this.#modules = new Map(Object.entries(modules));
  }

  override children(): Iterable<[string, Module]> {
    return this.#modules.entries();
  }

  forward(g: ModuleBuilder, x: Value): Value {
    return g.pipe(x, ...this.#modules.values());
  }
}
