import {
  convBlockNetwork,
  convBnAct,
  Flatten,
  GlobalAvgPool2d,
  Linear,
  MaxPool2d,
  type Module,
  type Network,
  ReLU,
  RescueCombo,
  Residual,
  SceneAwareConv,
  Sequential,
  SmartGroupConv,
  TunableGroupConv,
} from "../../src/nn/index.js";

/** A network to be trained, and the shape of a batch. `peer.py` writes the same one in PyTorch. */
export interface Case {
  readonly name: string;
  /** What stands in it, in a few words. */
  readonly about: string;
  readonly network: () => Network;
  /** `[N, C, H, W]` */
  readonly input: readonly [number, number, number, number];
}

export const CLASSES = 10;

export const cases: readonly Case[] = [
  plain("plain-g1", 1),
  plain("plain-g4", 4),
  plain("plain-g16", 16),
  {
    name: "depthwise",
    about: "depthwise 3x3 and 1x1 convolutions, batch norm, ReLU",
    network: () =>
      classifier(
        stem(),
        separable(64, 64),
        new MaxPool2d(2),
        separable(64, 128),
        new MaxPool2d(2),
        separable(128, 128),
      ),
    input: [32, 3, 32, 32],
  },
  {
    name: "resnext",
    about: "three bottlenecks with 32 groups in their 3x3 convolution, halving the size twice",
    network: () => resnext(),
    input: [32, 3, 32, 32],
  },
  {
    name: "smart",
    about: "`SmartGroupConv(64, 128)`",
    network: () => headed(new SmartGroupConv(64, 128), 128),
    input: [32, 64, 32, 32],
  },
  {
    name: "rescue",
    about: "`RescueCombo`",
    network: () => new Sequential([new RescueCombo(), new Flatten(), new Linear(128, CLASSES)]),
    input: [32, 64, 32, 32],
  },
  {
    name: "tunable",
    about: "`TunableGroupConv` of 4 and of 8 groups, ReLU, max pools",
    network: () =>
      classifier(
        stem(),
        new TunableGroupConv(64, 64, { groups: 4 }),
        new ReLU(),
        new MaxPool2d(2),
        new TunableGroupConv(64, 128, { groups: 8 }),
        new ReLU(),
      ),
    input: [32, 3, 32, 32],
  },
  {
    name: "conv-block",
    about: "`convBlockNetwork`",
    network: () =>
      new Sequential([
        convBlockNetwork({ classes: CLASSES }),
        new GlobalAvgPool2d(),
        new Flatten(),
      ]),
    input: [16, 3, 16, 16],
  },
  {
    name: "scene-aware",
    about: "`SceneAwareConv`, classification",
    network: () => headed(new SceneAwareConv("classification"), 256),
    input: [32, 3, 32, 32],
  },
];

/** Five 3x3 convolutions with batch norm and ReLU, the size halved twice; all but the first grouped. */
function plain(name: string, groups: number): Case {
  const layer = (inChannels: number, outChannels: number) =>
    convBnAct(inChannels, outChannels, 3, { groups });
  return {
    name,
    about: `five 3x3 convolutions, ${groups === 1 ? "dense" : `${groups} groups in all but the first`}, batch norm, ReLU, max pools`,
    network: () =>
      classifier(
        stem(),
        layer(64, 64),
        new MaxPool2d(2),
        layer(64, 128),
        layer(128, 128),
        new MaxPool2d(2),
        layer(128, 128),
      ),
    input: [32, 3, 32, 32],
  };
}

/** MobileNet's pair of convolutions. */
function separable(inChannels: number, outChannels: number): Module {
  return new Sequential([
    convBnAct(inChannels, inChannels, 3, { groups: inChannels }),
    convBnAct(inChannels, outChannels, 1),
  ]);
}

function resnext(): Network {
  return new Sequential([
    stem(),
    ...bottleneck(64, 64, 128, 1),
    ...bottleneck(128, 128, 256, 2),
    ...bottleneck(256, 256, 512, 2),
    new GlobalAvgPool2d(),
    new Flatten(),
    new Linear(512, CLASSES),
  ]);
}

function bottleneck(
  inChannels: number,
  inner: number,
  outChannels: number,
  stride: number,
): Module[] {
  const body = new Sequential([
    convBnAct(inChannels, inner, 1),
    convBnAct(inner, inner, 3, { stride, groups: 32 }),
    convBnAct(inner, outChannels, 1, { activation: null }),
  ]);
  const shortcut = convBnAct(inChannels, outChannels, 1, { stride, activation: null });
  return [new Residual(body, shortcut), new ReLU()];
}

function stem(): Module {
  return convBnAct(3, 64, 3);
}

/** Layers that end in 128 channels, and a head. */
function classifier(...layers: readonly Module[]): Network {
  return headed(new Sequential(layers), 128);
}

function headed(body: Module, channels: number): Network {
  return new Sequential([
    body,
    new GlobalAvgPool2d(),
    new Flatten(),
    new Linear(channels, CLASSES),
  ]);
}
