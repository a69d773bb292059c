import type { Network } from "../build-model.js";
import { efficientnetB0 } from "./efficientnet.js";
import { fpnDetector } from "./fpn-detector.js";
import { mobilenetV2 } from "./mobilenet-v2.js";
import type { ArchitectureOptions } from "./options.js";
import { regnetX400mf } from "./regnet.js";
import { resnet50 } from "./resnet.js";
import { resnext50 } from "./resnext.js";
import { shufflenetV1 } from "./shufflenet-v1.js";
import { shufflenetV2 } from "./shufflenet-v2.js";
import { unet, unetGrouped } from "./unet.js";

/** Makes a network without weights; `buildModel` draws them from its seed. */
export type Architecture = (options?: ArchitectureOptions) => Network;

/** Well-known networks by name; torchvision's name where it has one. */
export const architectures = {
  resnet50,
  resnext50_32x4d: resnext50,
  regnet_x_400mf: regnetX400mf,
  mobilenet_v2: mobilenetV2,
  shufflenet_v1_g3: shufflenetV1,
  shufflenet_v2_x1_0: shufflenetV2,
  efficientnet_b0: efficientnetB0,
  unet,
  unet_grouped: unetGrouped,
  fpn_detector: fpnDetector,
} as const satisfies Record<string, Architecture>;

export type ArchitectureName = keyof typeof architectures;
