import type { ArchitectureOptions } from "./options.js";
import { ResNet } from "./resnet.js";

/**
 * ResNeXt-50 32x4d: ResNet-50 with 32 groups of 4, 8, 16, 32 channels in its 3x3 convolutions. 25,028,904
 * parameters, 4.23 G multiply-accumulates at 224x224 (torchvision 0.29).
 * Source: https://arxiv.org/abs/1611.05431.
 */
export function resnext50(options: ArchitectureOptions = {}): ResNet {
  return new ResNet([3, 4, 6, 3], { ...options, groups: 32, widthPerGroup: 4 });
}
