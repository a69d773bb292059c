import type { Model, Value } from "../../src/graph/index.js";
import { GraphBuilder, newModel } from "../../src/ops/index.js";
import { full, Rng, tensor } from "../../src/tensor/index.js";
import { divisors, gcd, range } from "../../src/util/math.js";

const WIDTHS = [1, 2, 3, 4, 6, 8, 12, 16, 20, 24, 32, 48, 64];

/** How a weight comes about. */
const WEIGHTS = {
  initializer: (b: GraphBuilder, shape: number[]) => b.constant(full(shape, 0.25)),
  constant: (b: GraphBuilder, shape: number[]) =>
    b.op("Constant", [], { value: full(shape, 0.25) }),
  identity: (b: GraphBuilder, shape: number[]) => b.op("Identity", [WEIGHTS.initializer(b, shape)]),
  cast: (b: GraphBuilder, shape: number[]) =>
    b.op("Cast", [b.constant(full(shape, 0.25, "float16"))], { to: 1 }),
  folded: (b: GraphBuilder, shape: number[]) =>
    b.op("Mul", [WEIGHTS.initializer(b, shape), b.scalar(2)]),
  filled: (b: GraphBuilder, shape: number[]) => b.op("ConstantOfShape", [b.ints(shape)]),
  input: (b: GraphBuilder, shape: number[]) => b.input(b.graph.freshName("w"), shape),
  random: (b: GraphBuilder, shape: number[]) => b.op("RandomNormal", [], { shape }),
  replaceable: (b: GraphBuilder, shape: number[]) => {
    const w = WEIGHTS.initializer(b, shape);
    b.graph.inputs.push(w);
    return w;
  },
};

/** What a bias can be; `null` is an input with an empty name. */
const BIASES: Record<string, (b: GraphBuilder, size: number) => (Value | null)[]> = {
  none: () => [],
  constant: (b, size) => [b.constant(full([size], 0.5))],
  folded: (b, size) => [b.op("Neg", [b.constant(full([size], 0.5))])],
  input: (b, size) => [b.input(b.graph.freshName("b"), [size])],
  empty: () => [null],
};

interface State {
  readonly x: Value;
  readonly channels: number;
}

type Step = (state: State) => State;

/**
 * A random network of 1x1 convolutions, of every group count, and of what exporters put around them:
 * normalizations, activations, pools, branches that join again, gates, shuffles, several outputs.
 *
 * The first dilation of each convolution is its own number, counted from 1. It does not matter to a
 * window of one pixel, and no optimiser changes it, so it tells where a convolution went.
 */
export function randomConvModel(seed: number, length: number): Model {
  const rng = new Rng(seed);
  const pick = <T>(list: readonly T[]): T => list[rng.integer(0, list.length)];
  const model = newModel(`random_${seed}`);
  const b = new GraphBuilder(model.graph);
  let number = 0;

  const conv: Step = ({ x, channels }) => {
    const kind = pick(["dense", "grouped", "grouped", "depthwise"]);
    const outChannels = kind === "depthwise" ? channels : pick(WIDTHS);
    const group = {
      dense: 1,
      grouped: pick(divisors(gcd(channels, outChannels))),
      depthwise: channels,
    }[kind]!;
    const usual = rng.float() < 0.6;
    const makeWeight = usual ? WEIGHTS.initializer : pick(Object.values(WEIGHTS));
    const makeBias = usual ? BIASES.none : pick(Object.values(BIASES));
    const weight = makeWeight(b, [outChannels, channels / group, 1, 1]);
    const inputs = [x, weight, ...makeBias(b, outChannels)];
    const attributes = { group, kernel_shape: [1, 1], dilations: [++number, 1] };
    return { x: b.op("Conv", inputs, attributes), channels: outChannels };
  };
  const op =
    (type: string, attributes = {}): Step =>
    ({ x, channels }) => ({ x: b.op(type, [x], attributes), channels });
  const withConstant =
    (type: string): Step =>
    ({ x, channels }) => ({ x: b.op(type, [x, b.constant(full([channels, 1, 1], 2))]), channels });
  const normalize: Step = ({ x, channels }) => {
    const statistics = range(4).map(() => b.constant(full([channels], 0.5)));
    return { x: b.op("BatchNormalization", [x, ...statistics]), channels };
  };
  const output: Step = (state) => {
    if (!model.graph.outputs.includes(state.x) && !model.graph.inputs.includes(state.x))
      b.output(state.x, undefined, { shape: [null, null, null, null] });
    return state;
  };
  /** Both end in `join` where their shapes agree; else the side is an output of its own. */
  const joined = (main: State, side: State, join: (side: Value) => Value): State => {
    if (side.channels === main.channels) return { x: join(side.x), channels: main.channels };
    output(side);
    return main;
  };

  const inChannels = pick(WIDTHS);
  const past: State[] = [{ x: b.input("x", [1, inChannels, 8, 8]), channels: inChannels }];

  const pool = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  const nearest = {
    mode: "nearest",
    coordinate_transformation_mode: "asymmetric",
    nearest_mode: "floor",
  };
  const steps: Step[] = [
    ...range(5).map(() => conv),
    (state) => op("Relu")(normalize(conv(state))),
    normalize,
    withConstant("Mul"),
    withConstant("Add"),
    withConstant("Sub"),
    ...["Relu", "Sigmoid", "Tanh", "Elu", "HardSigmoid", "HardSwish"].map((type) => op(type)),
    ...["Identity", "Dropout"].map((type) => op(type)),
    op("LeakyRelu", { alpha: 0.2 }),
    op("MaxPool", pool),
    op("AveragePool", pool),
    op("Transpose", { perm: [0, 1, 3, 2] }),
    output,
    ({ x, channels }) => ({ x: b.op("Clip", [x, b.scalar(0), b.scalar(6)]), channels }),
    ({ x, channels }) => ({ x: b.op("Mul", [x, b.op("Sigmoid", [x])]), channels }),
    ({ x, channels }) => ({ x: b.op("Pad", [x, b.ints([0, 0, 0, 0, 0, 0, 0, 0])]), channels }),
    ({ x, channels }) => ({
      x: b.op("Resize", [x, null, b.constant(tensor([1, 1, 1, 1], [4]))], nearest),
      channels,
    }),
    ({ x, channels }) => {
      const group = pick(divisors(channels));
      const split = b.reshape(x, [1, group, channels / group, 8, 8]);
      return { x: b.reshape(b.transpose(split, [0, 2, 1, 3, 4]), [1, channels, 8, 8]), channels };
    },
    (state) => {
      const alike = past.filter(({ channels }) => channels === state.channels);
      return { ...state, x: b.op("Add", [state.x, pick(alike).x]) };
    },
    (state) => {
      const other = pick(past);
      const channels = state.channels + other.channels;
      if (channels > 128) return state;
      return { x: b.op("Concat", [state.x, other.x], { axis: 1 }), channels };
    },
    (state) => joined(state, conv(state), (side) => b.op("Add", [state.x, side])),
    (state) => {
      const squeezed = conv(op("GlobalAveragePool")(state));
      return joined(state, squeezed, (gate) => b.op("Mul", [state.x, b.op("Sigmoid", [gate])]));
    },
  ];

  for (let n = 0; n < length; n++) past.push(pick(steps)(past.at(-1)!));
  output(op("Relu")(past.at(-1)!));
  return model;
}
