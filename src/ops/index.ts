export { type Attributes, GraphBuilder, IR_VERSION, newModel, OPSET } from "./builder.js";
export {
  type ChannelCounts,
  type ConvAttributes,
  channelsOfWeight,
  convAttributes,
  convInputs,
  convMacs,
  isChannelsLast,
  isConvolution,
  resolvePads,
  resolveTransposePads,
} from "./conv.js";
export { readIntegers } from "./read-integers.js";
