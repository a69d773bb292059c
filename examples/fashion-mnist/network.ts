import {
  BatchNorm2d,
  convBlock,
  convBnAct,
  Flatten,
  Linear,
  MaxPool2d,
  ReLU,
  RescueCombo,
  Sequential,
  SmartGroupConv,
  TunableGroupConv,
} from "groupconv/nn";

/** The seed's blocks one after the other: `[N, 1, 28, 28]` -> `[N, 10]`. */
export function clothesNetwork(): Sequential {
  return new Sequential({
    stem: convBnAct(1, 16, 3, { stride: 2 }), // 14x14
    smart: new SmartGroupConv(16, 32), // 4 groups, then channel attention (S3)
    norm1: new BatchNorm2d(32),
    relu1: new ReLU(),
    pool1: new MaxPool2d(2), // 7x7
    tunable: new TunableGroupConv(32, 32, { groups: 8 }), // and a 1x1 branch, times 0.3 (S20)
    norm2: new BatchNorm2d(32),
    relu2: new ReLU(),
    body: convBlock(32, 64, "body"), // 128 channels in 4 groups between (S26)
    relu3: new ReLU(),
    pool2: new MaxPool2d(2), // 3x3
    rescue: new RescueCombo(), // 16 groups, x + fusion(x), global pooling (S7)
    flatten: new Flatten(),
    classifier: new Linear(128, 10),
  });
}
