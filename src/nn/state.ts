import type { LazyTensor } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import { product, sum } from "../util/math.js";
import { nearestWord, printable } from "../util/text.js";
import { Module } from "./module.js";
import type { Param } from "./param.js";

/** The module itself, named `""`, and every module below it by its path, owners first. */
export function namedModules(root: Module<unknown>): Map<string, Module<unknown>> {
  return walk(root).modules;
}

/**
 * Every parameter and buffer by the name PyTorch's `state_dict` gives it, in that order. What two
 * modules share is listed once, under its first name.
 */
export function stateDict(root: Module<unknown>): Map<string, Param> {
  return walk(root).params;
}

/** What gradients change: the state without the buffers. */
export function namedParameters(root: Module<unknown>): Map<string, Param> {
  return new Map([...stateDict(root)].filter(([, param]) => param.kind === "parameter"));
}

/** How many numbers gradients change. Running statistics are not counted. */
export function parameterCount(root: Module<unknown>): number {
  return sum([...namedParameters(root).values()].map((param) => product(param.shape)));
}

/**
 * Puts tensors where their names say, all of them or, on an error, none: a `state_dict` from a file, say.
 * PyTorch's `num_batches_tracked` counters are passed over.
 *
 * @throws UsageError if a name is missing or unknown.
 * @throws ShapeError if a tensor has another shape or is not float32.
 */
export function loadStateDict(
  root: Module<unknown>,
  tensors: ReadonlyMap<string, LazyTensor>,
): void {
  const state = stateDict(root);
  for (const name of tensors.keys()) {
    if (state.has(name) || name.endsWith("num_batches_tracked")) continue;
    const near = nearestWord(name, state.keys());
    throw new UsageError(
      `loadStateDict: the network has no "${printable(name)}"`,
      near === undefined ? {} : { help: `Did you mean "${near}"?` },
    );
  }
  const entries = [...state].map(([name, param]) => ({ name, param, value: tensors.get(name) }));
  for (const { name, param, value } of entries) {
    if (!value) throw new UsageError(`loadStateDict: "${name}" is missing`);
    param.check(value, name);
  }
  for (const { param, value } of entries) param.value = value!;
}

interface Tree {
  readonly modules: Map<string, Module<unknown>>;
  readonly params: Map<string, Param>;
}

function walk(root: Module<unknown>): Tree {
  const tree: Tree = { modules: new Map(), params: new Map() };
  const seen = new Set<Module<unknown> | Param>();
  const visit = (name: string, item: Module<unknown> | Param) => {
    if (seen.has(item)) return;
    seen.add(item);
    if (!(item instanceof Module)) {
      tree.params.set(name, item);
      return;
    }
    tree.modules.set(name, item);
    for (const [child, owned] of item.children())
      visit(name === "" ? child : `${name}.${child}`, owned);
  };
  visit("", root);
  return tree;
}
