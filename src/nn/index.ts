export { EfficientNet, efficientnetB0 } from "./architectures/efficientnet.js";
export {
  FpnDetector,
  type FpnDetectorOptions,
  fpnDetector,
} from "./architectures/fpn-detector.js";
export { MobileNetV2, mobilenetV2 } from "./architectures/mobilenet-v2.js";
export type { ArchitectureOptions } from "./architectures/options.js";
export {
  type Architecture,
  type ArchitectureName,
  architectures,
} from "./architectures/registry.js";
export { RegNet, regnetX400mf } from "./architectures/regnet.js";
export { ResNet, type ResNetOptions, resnet50 } from "./architectures/resnet.js";
export { resnext50 } from "./architectures/resnext.js";
export {
  ShuffleNetV1,
  type ShuffleNetV1Options,
  shufflenetV1,
} from "./architectures/shufflenet-v1.js";
export { ShuffleNetV2, shufflenetV2 } from "./architectures/shufflenet-v2.js";
export {
  type LevelGroups,
  UNet,
  type UNetOptions,
  unet,
  unetGrouped,
} from "./architectures/unet.js";
export { compensate } from "./blocks/compensate.js";
export { convBlock, convBlockNetwork } from "./blocks/conv-block.js";
export { type ConvBnActOptions, convBnAct } from "./blocks/conv-bn-act.js";
export { DeadlyCombo, type DeadlyComboOptions } from "./blocks/deadly-combo.js";
export { FeaturePyramid, type FeaturePyramidOptions } from "./blocks/feature-pyramid.js";
export { RescueCombo } from "./blocks/rescue-combo.js";
export { SceneAwareConv } from "./blocks/scene-aware-conv.js";
export { SmartGroupConv, type SmartGroupConvOptions } from "./blocks/smart-group-conv.js";
export { SqueezeExcite } from "./blocks/squeeze-excite.js";
export { TunableGroupConv, type TunableGroupConvOptions } from "./blocks/tunable-group-conv.js";
export { type BuildOptions, buildModel, type Network } from "./build-model.js";
export { constant, kaimingUniform, uniform } from "./init.js";
export { Add } from "./layers/add.js";
export { AvgPool2d, type AvgPool2dOptions } from "./layers/avg-pool2d.js";
export { BatchNorm2d, type BatchNorm2dOptions } from "./layers/batch-norm2d.js";
export { ChannelShuffle } from "./layers/channel-shuffle.js";
export { Concat } from "./layers/concat.js";
export { ConvTranspose2d, type ConvTranspose2dOptions } from "./layers/conv-transpose2d.js";
export { Conv2d, type Conv2dOptions } from "./layers/conv2d.js";
export { Dropout } from "./layers/dropout.js";
export { Flatten } from "./layers/flatten.js";
export { GlobalAvgPool2d } from "./layers/global-avg-pool2d.js";
export { Hardswish } from "./layers/hardswish.js";
export { Linear, type LinearOptions } from "./layers/linear.js";
export { MaxPool2d, type MaxPool2dOptions } from "./layers/max-pool2d.js";
export { ReLU } from "./layers/relu.js";
export { ReLU6 } from "./layers/relu6.js";
export { Residual } from "./layers/residual.js";
export { Sequential } from "./layers/sequential.js";
export { Sigmoid } from "./layers/sigmoid.js";
export { SiLU } from "./layers/silu.js";
export { Softmax } from "./layers/softmax.js";
export { Upsample, type UpsampleOptions } from "./layers/upsample.js";
export { type Mode, Module, ModuleBuilder } from "./module.js";
export type { Size2 } from "./options.js";
export { type Init, Param } from "./param.js";
export {
  loadStateDict,
  namedModules,
  namedParameters,
  parameterCount,
  stateDict,
} from "./state.js";
