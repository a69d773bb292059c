import {
  Conv2d,
  compensate,
  convBlock,
  convBnAct,
  DeadlyCombo,
  Flatten,
  GlobalAvgPool2d,
  Linear,
  type Module,
  ReLU,
  RescueCombo,
  SceneAwareConv,
  Sequential,
  SmartGroupConv,
  TunableGroupConv,
} from "groupconv/nn";

/** Each of the seed's blocks in a network of its own: `[N, 1, 28, 28]` -> `[N, 10]`. */
export const blocks: Readonly<Record<string, () => Sequential>> = {
  SmartGroupConv: () => around(new SmartGroupConv(64, 128)), // S3: 16 groups and channel attention
  DeadlyCombo: () => around(new DeadlyCombo()), // S4 to S7: a specimen, 64 groups that never meet
  RescueCombo: () => around(new RescueCombo()), // S7: the same mended
  SceneAwareConv: () => around(new SceneAwareConv("classification"), 3, 256), // S11: 1, 2, 4 groups
  compensate: () => around(compensate(new Conv2d(64, 128, 3, { padding: 1, groups: 8 }))), // S19
  TunableGroupConv: () => around(new TunableGroupConv(64, 128, { groups: 8 })), // S20
  convBlock: () => around(convBlock(64, 128, "body")), // S26: 4 groups, then a 1x1 convolution
};

/** The same stem before each block, the same classifier behind it. */
function around(block: Module, inChannels = 64, outChannels = 128): Sequential {
  return new Sequential({
    stem: convBnAct(1, inChannels, 3, { stride: 2 }), // 14x14
    block,
    relu: new ReLU(),
    pool: new GlobalAvgPool2d(),
    flatten: new Flatten(),
    classifier: new Linear(outChannels, 10),
  });
}
