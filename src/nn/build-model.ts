import { type Dim, type Model, Value } from "../graph/index.js";
import { newModel } from "../ops/index.js";
import { type Mode, type Module, ModuleBuilder } from "./module.js";
import { rankOf } from "./rank.js";
import { namedModules, stateDict } from "./state.js";

/** A module that can stand alone: one output, or several by name. */
export type Network = Module<Value | Readonly<Record<string, Value>>>;

export interface BuildOptions {
  /** Shape of the input, `[N, C, H, W]`; an axis may be a name, such as `"N"`, to be any size. */
  inputShape: readonly Dim[];
  /** Name of the graph. Defaults to `"network"`. */
  name?: string;
  /** Where parameters that have no value yet are drawn from: any whole number. Defaults to 0. */
  seed?: number;
  /**
   * Defaults to `inference`. In `training` the parameters and buffers are inputs too, with their values as
   * defaults, and the buffers' next values are outputs, each named after its buffer with `.next` at the
   * end: `bn1.running_mean.next`.
   */
  mode?: Mode;
}

/**
 * Writes a network as an ONNX model: input `input`, output `output` (or the network's own names), and
 * one initializer for every parameter and buffer it uses, under its `state_dict` name. The weights of a
 * new network are drawn only when they are read.
 *
 * @throws UsageError if a module calls another one that it does not own.
 */
export function buildModel(network: Network, options: BuildOptions): Model {
  const { inputShape, name = "network", seed = 0, mode = "inference" } = options;
  const model = newModel(name);
  const g = new ModuleBuilder(model.graph, {
    moduleNames: inverse(namedModules(network)),
    paramNames: inverse(stateDict(network)),
    seed,
    mode,
  });
  const result = g.call(network, g.input("input", inputShape));
  const outputs = result instanceof Value ? { output: result } : result;
  for (const [outputName, value] of Object.entries(outputs)) addOutput(g, value, outputName);
  for (const [buffer, value] of g.updates) addOutput(g, value, `${buffer}.next`);
  return model;
}

function addOutput(g: ModuleBuilder, value: Value, name: string): void {
  const { graph } = g;
  // A graph returns neither its inputs nor one value twice.
  const output =
    value.producer && !graph.outputs.includes(value) ? value : g.op("Identity", [value]);
  const holder = graph.find(name);
  if (holder?.producer && holder !== output) graph.rename(holder, graph.freshName(`${name}.value`));
  output.type ??= { kind: "tensor", dtype: "float32", shape: unknownShape(rankOf(output)) };
  g.output(output, name);
}

/** A shape of which at most the number of axes is known. */
function unknownShape(rank: number | null): null[] | null {
  return rank === null ? null : Array.from({ length: rank }, () => null);
}

function inverse<T>(map: ReadonlyMap<string, T>): Map<T, string> {
  return new Map([...map].map(([name, item]) => [item, name]));
}
