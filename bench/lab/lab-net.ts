import {
  BatchNorm2d,
  ChannelShuffle,
  Conv2d,
  Flatten,
  GlobalAvgPool2d,
  Linear,
  MaxPool2d,
  type Module,
  ReLU,
  Residual,
  Sequential,
  TunableGroupConv,
} from "../../src/nn/index.js";

/** Channels of the three stages. Their dense 3x3 convolutions cost the same. */
export const STAGE_CHANNELS = [32, 64, 64] as const;

export interface LabNetOptions {
  /** Of the 3x3 convolution of each stage. */
  readonly groups: readonly [number, number, number];
  /** What lets groups meet behind each 3x3 convolution. Defaults to `pointwise`. */
  readonly mixer?: "none" | "shuffle" | "pointwise";
  /** The same behind the last one only. Defaults to `mixer`. */
  readonly lastMixer?: "none" | "pointwise";
  /** What is added to each 3x3 convolution: its input, or a 1x1 branch as in the seed. Defaults to none. */
  readonly compensation?: "none" | "identity" | "branch";
  /** Batch norm behind each 3x3 convolution. Defaults to true. */
  readonly norm?: boolean;
}

/**
 * The network of all experiments, for pictures of 28x28: stem, three stages of a 3x3 convolution with
 * groups, 1x1 transitions between channel counts, global pooling, linear. One stage is at 14x14 and two
 * are at 7x7, so that 32 and 64 channels make 3x3 convolutions of equal cost.
 */
export function labNet(options: LabNetOptions): Sequential {
  const { groups, mixer = "pointwise", lastMixer = mixer } = options;
  const [a, b, c] = STAGE_CHANNELS;
  return new Sequential({
    stem: new Conv2d(1, a, 3, { stride: 2, padding: 1, bias: false }),
    stemNorm: new BatchNorm2d(a),
    stemRelu: new ReLU(),
    stage1: stage(a, groups[0], mixer, options),
    widen: new Conv2d(a, b, 1, { bias: false }),
    widenNorm: new BatchNorm2d(b),
    widenRelu: new ReLU(),
    pool: new MaxPool2d(2),
    stage2: stage(b, groups[1], mixer, options),
    stage3: stage(c, groups[2], lastMixer, options),
    average: new GlobalAvgPool2d(),
    flat: new Flatten(),
    classify: new Linear(c, 10),
  });
}

function stage(
  channels: number,
  groups: number,
  mixer: NonNullable<LabNetOptions["mixer"]>,
  { compensation = "none", norm = true }: LabNetOptions,
): Sequential {
  return new Sequential([
    grouped(channels, groups, compensation),
    ...(norm ? [new BatchNorm2d(channels)] : []),
    new ReLU(),
    ...mix(channels, groups, mixer),
  ]);
}

function grouped(
  channels: number,
  groups: number,
  compensation: NonNullable<LabNetOptions["compensation"]>,
): Module {
  if (compensation === "branch") return new TunableGroupConv(channels, channels, { groups });
  const conv = new Conv2d(channels, channels, 3, { padding: 1, groups });
  return compensation === "identity" ? new Residual(conv) : conv;
}

function mix(channels: number, groups: number, mixer: NonNullable<LabNetOptions["mixer"]>) {
  if (mixer === "none") return [];
  if (mixer === "shuffle") return groups > 1 ? [new ChannelShuffle(channels, groups)] : [];
  return [
    new Conv2d(channels, channels, 1, { bias: false }),
    new BatchNorm2d(channels),
    new ReLU(),
  ];
}
