import { type AttributeLike, type Dim, type Graph, Model, type Value } from "../graph/index.js";
import { type DType, type LazyTensor, tensor } from "../tensor/index.js";

export type Attributes = Readonly<Record<string, AttributeLike | undefined>>;

/** The operator set that graphs of our own are written in: the first with LayerNormalization. */
export const OPSET = 17;
/** The IR version that came with it (ONNX 1.12). */
export const IR_VERSION = 8;

/**
 * Writes nodes into a graph, a line an operator. Names follow the scope, so that a model reads like
 * the modules that wrote it: `layer1.0.conv1`.
 */
export class GraphBuilder {
  readonly #scopes: string[] = [];
  readonly #shared = new Map<string, Value>();
  readonly #nodeNames: Set<string>;
  #fresh = 0;

  constructor(readonly graph: Graph) {
    this.#nodeNames = new Set(graph.nodes.map((node) => node.name));
  }

  /** Adds a node with one output. Attributes that are `undefined` are left out. */
  op(type: string, inputs: readonly (Value | null)[], attributes: Attributes = {}): Value {
    return this.ops(type, inputs, attributes, 1)[0];
  }

  /** Adds a node with several outputs. */
  ops(
    type: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes,
    outputCount: number,
    domain = "",
  ): Value[] {
    const name = this.#nodeName(type);
    const outputs = Array.from({ length: outputCount }, (_, i) =>
      this.graph.newValue(this.graph.freshName(outputCount === 1 ? name : `${name}.${i}`)),
    );
    this.graph.addNode(type, inputs, { name, attributes, outputs: [...outputs], domain });
    return outputs;
  }

  /** Everything `body` writes is named below `scope`. */
  within<T>(scope: string, body: () => T): T {
    this.#scopes.push(scope);
    try {
      return body();
    } finally {
      this.#scopes.pop();
    }
  }

  /** The path of scopes joined by dots, with `name` at its end. */
  path(name: string): string {
    return [...this.#scopes, name].filter((part) => part !== "").join(".");
  }

  input(name: string, shape: readonly Dim[], dtype: DType = "float32"): Value {
    return this.graph.addInput(name, { kind: "tensor", dtype, shape });
  }

  /** Makes `value` an output of the graph, under this name when one is given. */
  output(value: Value, name?: string, type?: { shape: readonly Dim[]; dtype?: DType }): void {
    if (name !== undefined) this.graph.rename(value, name);
    if (type) value.type = { kind: "tensor", dtype: type.dtype ?? "float32", shape: type.shape };
    this.graph.outputs.push(value);
  }

  /** A constant of the model, named exactly so when a name is given. */
  constant(data: LazyTensor, name?: string): Value {
    return this.graph.addInitializer(data, name ?? this.graph.freshName(this.path("constant")));
  }

  /** An `int64` list such as a shape, axes or bounds; equal lists are one constant. */
  ints(values: readonly number[]): Value {
    return this.#sharedConstant(`ints_${values.join("_")}`, () =>
      tensor(BigInt64Array.from(values, BigInt), [values.length]),
    );
  }

  /** A `float32` number; equal numbers are one constant. */
  scalar(value: number): Value {
    return this.#sharedConstant(`scalar_${value}`, () => tensor(Float32Array.of(value), []));
  }

  reshape(x: Value, shape: readonly number[]): Value {
    return this.op("Reshape", [x, this.ints(shape)]);
  }

  transpose(x: Value, perm: readonly number[]): Value {
    return this.op("Transpose", [x], { perm });
  }

  #sharedConstant(name: string, make: () => LazyTensor): Value {
    const known = this.#shared.get(name);
    if (known) return known;
    const value = this.graph.addInitializer(make(), this.graph.freshName(name));
    this.#shared.set(name, value);
    return value;
  }

  /** The scope names the node where it is the only one there; a second one adds its type. */
  #nodeName(type: string): string {
    const isFree = (name: string) => !this.#nodeNames.has(name) && !this.graph.find(name);
    let name = this.path("");
    if (name === "" || !isFree(name)) name = this.path(type);
    while (!isFree(name)) name = `${this.path(type)}_${++this.#fresh}`;
    this.#nodeNames.add(name);
    return name;
  }
}

/** A model around an empty graph, ready for a {@link GraphBuilder}. */
export function newModel(name: string): Model {
  const model = new Model();
  model.irVersion = IR_VERSION;
  model.opsets.set("", OPSET);
  model.producerName = "groupconv";
  model.graph.name = name;
  return model;
}
