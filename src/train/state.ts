import { buildModel, type Network, stateDict } from "../nn/index.js";
import { Tensor, zeros } from "../tensor/index.js";

/**
 * Everything that training changes, by name: parameters and buffers by their `state_dict` names, what the
 * optimizer remembers of a parameter behind a `#`.
 */
export type State = Map<string, Tensor<"float32">>;

/** What the optimizer remembers: `conv.weight#momentum`. */
export function slotName(param: string, slot: string): string {
  return `${param}#${slot}`;
}

/** The running average of a parameter. */
export function averageName(param: string): string {
  return `${param}#average`;
}

/** The sum of its gradients over some batches. */
export function sumName(param: string): string {
  return `${param}#sum`;
}

/** Where a step puts the next value. */
export function nextName(name: string): string {
  return `${name}.next`;
}

/** The parameter that a name is about: `conv.weight` of `conv.weight#momentum`. */
export function ownerOf(name: string): string {
  return name.split("#", 1)[0];
}

/** The values a network has, those it has none of yet drawn from the seed, as `buildModel` draws them. */
export async function initialState(
  network: Network,
  inputShape: readonly number[],
  seed: number,
): Promise<State> {
  const { graph } = buildModel(network, { inputShape, mode: "training", seed });
  const state: State = new Map();
  for (const [name, { shape }] of stateDict(network)) {
    const tensor = graph.find(name)?.initializer;
    if (!tensor) continue;
    const bytes = await tensor.load();
    const data = new Float32Array(bytes.slice().buffer);
    state.set(name, new Tensor("float32", shape, data));
  }
  return state;
}

/** Adds what a step reads and the state does not have yet: zeros, and averages at their parameter. */
export function completeState(
  state: State,
  inputs: Iterable<{ readonly name: string; readonly shape: readonly number[] }>,
): void {
  for (const { name, shape } of inputs) {
    if (state.has(name)) continue;
    const owner = state.get(ownerOf(name));
    const isAverage = owner && name === averageName(ownerOf(name));
    state.set(name, isAverage ? copyOf(owner) : zeros(shape));
  }
}

export function copyOf(tensor: Tensor<"float32">): Tensor<"float32"> {
  return new Tensor("float32", tensor.shape, tensor.data.slice());
}

/** A copy of what `putState` reads: without what the optimizer remembers. */
export function networkState(state: State): State {
  const kept = [...state].filter(([name]) => {
    const owner = ownerOf(name);
    return name === owner || name === averageName(owner);
  });
  return new Map(kept.map(([name, tensor]) => [name, copyOf(tensor)]));
}

/** Gives a network the values of a state: the running averages where there are some and they are asked for. */
export function putState(network: Network, state: State, options: { average: boolean }): void {
  for (const [name, param] of stateDict(network)) {
    const average = options.average ? state.get(averageName(name)) : undefined;
    const value = average ?? state.get(name);
    if (value) param.value = copyOf(value);
  }
}
