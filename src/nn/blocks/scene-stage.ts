import { BatchNorm2d } from "../layers/batch-norm2d.js";
import { Conv2d } from "../layers/conv2d.js";
import { MaxPool2d } from "../layers/max-pool2d.js";
import { ReLU } from "../layers/relu.js";
import { Sequential } from "../layers/sequential.js";

/** S11: 3x3 convolution, batch norm, ReLU, and a 2x2 max pool that halves the size. */
export function sceneStage(inChannels: number, outChannels: number, groups: number): Sequential {
  return new Sequential([
    new Conv2d(inChannels, outChannels, 3, { padding: 1, groups }),
    new BatchNorm2d(outChannels),
    new ReLU(),
    new MaxPool2d(2),
  ]);
}
