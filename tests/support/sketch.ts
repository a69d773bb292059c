import type { Model, Value } from "../../src/graph/index.js";
import { type Attributes, GraphBuilder, newModel } from "../../src/ops/index.js";
import { tensor, zeros } from "../../src/tensor/index.js";

export interface SketchedConv {
  kernel?: number;
  stride?: number;
  groups?: number;
  pad?: number;
  /** The initializer another convolution of the sketch uses, by its name. */
  weight?: string;
}

/**
 * Draws networks for tests, a line a layer. Layers are named by the caller, weights are zero, and channels
 * are counted along.
 */
export class Sketch {
  readonly model: Model = newModel("sketch");
  readonly #g = new GraphBuilder(this.model.graph);
  readonly #channels = new Map<Value, number>();

  image(size: number, channels = 3, batch = 1): Value {
    return this.#of(this.#g.input("image", [batch, channels, size, size]), channels);
  }

  /** 3x3, stride 1, same size, dense, unless said otherwise; a ReLU follows. */
  conv(name: string, x: Value, out: number, options: SketchedConv = {}): Value {
    return this.op("Relu", [this.bare(name, x, out, options)]);
  }

  /** A convolution alone. */
  bare(name: string, x: Value, out: number, options: SketchedConv = {}): Value {
    const { kernel = 3, stride = 1, groups = 1, pad = (kernel - 1) >> 1, weight = name } = options;
    const shape = [out, this.channels(x) / groups, kernel, kernel];
    const attributes = { group: groups, strides: [stride, stride], pads: [pad, pad, pad, pad] };
    return this.#layer("Conv", name, [x, this.#weight(weight, shape)], attributes, out);
  }

  /** Transposed convolution that doubles the size. */
  deconv(name: string, x: Value, out: number): Value {
    const weight = this.#weight(name, [this.channels(x), out, 2, 2]);
    return this.#layer("ConvTranspose", name, [x, weight], { strides: [2, 2] }, out);
  }

  pool(x: Value, size = 2): Value {
    return this.op("MaxPool", [x], { kernel_shape: [size, size], strides: [size, size] });
  }

  /** Nearest neighbour, by a constant factor. */
  up(name: string, x: Value, factor = 2): Value {
    const scales = this.#g.constant(tensor(Float32Array.of(1, 1, factor, factor), [4]));
    return this.#layer("Resize", name, [x, null, scales], { mode: "nearest" }, this.channels(x));
  }

  add(name: string, ...values: Value[]): Value {
    return this.#layer("Add", name, values, {}, this.channels(values[0]));
  }

  concat(name: string, ...values: Value[]): Value {
    const sum = values.reduce((total, value) => total + this.channels(value), 0);
    return this.#layer("Concat", name, values, { axis: 1 }, sum);
  }

  gap(name: string, x: Value): Value {
    return this.#layer("GlobalAveragePool", name, [x], {}, this.channels(x));
  }

  /** Flattens, and multiplies by a weight. `positions` is height times width. */
  linear(name: string, x: Value, out: number, positions = 1): Value {
    const weight = this.#weight(name, [this.channels(x) * positions, out]);
    return this.#layer("Gemm", name, [this.op("Flatten", [x]), weight], {}, out);
  }

  /** `[N, C, H, W] -> [N, C, H * W]`. */
  flat(x: Value): Value {
    return this.reshape(x, [0, 0, -1]);
  }

  reshape(x: Value, shape: readonly number[]): Value {
    return this.#of(this.#g.reshape(x, shape), this.channels(x));
  }

  transpose(x: Value, perm: readonly number[]): Value {
    return this.#of(this.#g.transpose(x, perm), this.channels(x));
  }

  /** Product with a constant of this shape. */
  times(name: string, x: Value, shape: readonly number[]): Value {
    return this.#layer("MatMul", name, [x, this.#weight(name, shape)], {}, this.channels(x));
  }

  /** Any operator; its output has as many channels as its first input. */
  op(type: string, inputs: readonly (Value | null)[], attributes: Attributes = {}): Value {
    return this.#of(this.#g.op(type, inputs, attributes), this.channels(inputs[0]!));
  }

  /** An operator with a name of its own. */
  named(
    name: string,
    type: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes = {},
    domain = "",
  ): Value {
    return this.#layer(type, name, inputs, attributes, this.channels(inputs[0]!), domain);
  }

  /** An int64 list. */
  ints(values: readonly number[]): Value {
    return this.#g.ints(values);
  }

  output(name: string, value: Value): void {
    const output = this.#g.op("Identity", [value]);
    output.type = { kind: "tensor", dtype: "float32", shape: null };
    this.#g.output(output, name);
  }

  channels(value: Value): number {
    return this.#channels.get(value) ?? 0;
  }

  #layer(
    type: string,
    name: string,
    inputs: readonly (Value | null)[],
    attributes: Attributes,
    channels: number,
    domain = "",
  ): Value {
    const [value] = this.#g.within(name, () => this.#g.ops(type, inputs, attributes, 1, domain));
    return this.#of(value, channels);
  }

  #weight(name: string, shape: readonly number[]): Value {
    const { graph } = this.model;
    return graph.find(`${name}.weight`) ?? this.#g.constant(zeros(shape), `${name}.weight`);
  }

  #of(value: Value, channels: number): Value {
    this.#channels.set(value, channels);
    return value;
  }
}
