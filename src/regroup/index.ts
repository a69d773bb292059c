export {
  type ChannelOrders,
  type ChannelOrdersOptions,
  type ChannelRun,
  channelOrders,
  type GroupingLayer,
  layerChannelOrders,
} from "./channel-orders.js";
export { type FitPointwiseOptions, fitPointwise, type PointwiseFit } from "./fit-pointwise.js";
export { type KernelEnergy, keptEnergy, kernelEnergy } from "./kernel-energy.js";
export { checkOrder, permuteAxis } from "./permute-axis.js";
export { PointwiseSums } from "./pointwise-sums.js";
export { blockDiagonal, offDiagonal, regroup, ungroup } from "./regroup.js";
