import { type TemplateRole, templateBlock } from "../../groups/index.js";
import { BatchNorm2d } from "../layers/batch-norm2d.js";
import { Conv2d } from "../layers/conv2d.js";
import { ReLU } from "../layers/relu.js";
import { Sequential } from "../layers/sequential.js";

/**
 * S26, the seed's recommended block: grouped 3x3 convolution, batch norm, ReLU, then a 1x1 convolution
 * where the groups meet, batch norm. Expansion 1, 4, 2 and groups 1, min(4, in / 4), 1 for `stem`, `body`,
 * `head`, the groups aligned to the channels. `[N, inChannels, H, W]` -> `[N, outChannels, H, W]`.
 */
export function convBlock(inChannels: number, outChannels: number, role: TemplateRole): Sequential {
  const { groups, hiddenChannels } = templateBlock({ role, inChannels });
  return new Sequential([
    new Conv2d(inChannels, hiddenChannels, 3, { padding: 1, groups }),
    new BatchNorm2d(hiddenChannels),
    new ReLU(),
    new Conv2d(hiddenChannels, outChannels, 1),
    new BatchNorm2d(outChannels),
  ]);
}

/** S26, the seed's whole network: `[N, 3, H, W]` -> `[N, classes, H, W]`. `classes` defaults to 10. */
export function convBlockNetwork(options: { classes?: number } = {}): Sequential {
  const { classes = 10 } = options;
  return new Sequential([
    convBlock(3, 64, "stem"),
    convBlock(64, 128, "body"),
    convBlock(128, 256, "body"),
    convBlock(256, classes, "head"),
  ]);
}
