import type { Model, Value } from "../../graph/index.js";
import { type Attributes, GraphBuilder, newModel } from "../../ops/index.js";
import { full } from "../../tensor/index.js";
import { product } from "../../util/math.js";
import type { Configuration } from "./section.js";

/** Names of the nodes around the layer: what they take is not the layer's. */
export const NEIGHBOURS = ["before", "after"] as const;

const ACTIVATION_ATTRIBUTES: Readonly<Record<string, Attributes>> = {
  LeakyRelu: { alpha: 0.1 },
};

/**
 * A model of one layer in its surroundings, with as many groups as told: `x [N, C, ...] -> y [N, M, ...]`.
 *
 * Where its neighbours run in blocks, a 1x1 depthwise convolution stands in for them, which costs the least
 * of all that do: a layer on the fast path then meets no copy between layouts, one off it meets two. Where
 * they do not, it is the other way round. Weights are made up: the time does not depend on them.
 */
export function contextModel(configuration: Configuration, groups: number): Model {
  const { inShape, outShape, kernel, strides, dilations, pads } = configuration;
  const model = newModel("context");
  const b = new GraphBuilder(model.graph);
  const conv = (name: string, x: Value, weight: readonly number[], attributes: Attributes) => {
    const bias = configuration.bias ? [b.constant(full([weight[0]], 0.5))] : [];
    const average = 1 / product(weight.slice(1)); // outputs stay as large as inputs
    const inputs = [x, b.constant(full(weight, average)), ...bias];
    return b.within(name, () => b.op("Conv", inputs, attributes));
  };
  const neighbour = (name: (typeof NEIGHBOURS)[number], x: Value, channels: number) =>
    conv(name, x, [channels, 1, 1, 1], { group: channels });

  let value = b.input("x", inShape);
  const [inChannels, outChannels] = [inShape[1], outShape[1]];
  if (configuration.before === "blocked") value = neighbour("before", value, inChannels);
  const weight = [outChannels, inChannels / groups, ...kernel];
  value = conv("layer", value, weight, { group: groups, strides, dilations, pads });
  if (configuration.activation !== null) value = activate(b, value, configuration.activation);
  if (configuration.after === "blocked") value = neighbour("after", value, outChannels);
  b.output(value, "y", { shape: outShape });
  return model;
}

function activate(b: GraphBuilder, x: Value, op: string): Value {
  const bounds = op === "Clip" ? [b.scalar(0), b.scalar(6)] : [];
  return b.op(op, [x, ...bounds], ACTIVATION_ATTRIBUTES[op]);
}
