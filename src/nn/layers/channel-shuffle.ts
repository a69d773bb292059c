import type { Value } from "../../graph/index.js";
import { checkGroups } from "../../groups/index.js";
import { Module, type ModuleBuilder } from "../module.js";

/**
 * Deals the channels out, so that every group of the next convolution gets some of each group before:
 * channel `i * channels / groups + j` becomes channel `j * groups + i`.
 * Source: ShuffleNet, https://arxiv.org/abs/1707.01083, section 3.1.
 *
 * @throws ShapeError if `groups` does not divide `channels`.
 */
export class ChannelShuffle extends Module {
  constructor(
    readonly channels: number,
    readonly groups: number,
  ) {
    super();
    checkGroups("ChannelShuffle", groups, channels, channels);
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const split = g.reshape(x, [0, this.groups, this.channels / this.groups, -1]); // [N, G, C/G, H*W]
    const dealt = g.transpose(split, [0, 2, 1, 3]); // [N, C/G, G, H*W]
    return g.op("Reshape", [dealt, g.op("Shape", [x])]); // [N, C, H, W], at any size
  }
}
