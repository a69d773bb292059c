import type { Evidence } from "../evidence.js";
import {
  type ChannelsPerGroupRule,
  type ConvShape,
  defineTarget,
  groupsAligned,
  isDepthwise,
  type PathPrediction,
  paths,
  perGroupText,
} from "./target.js";

const NCHWC: Evidence = {
  level: "runtime",
  source:
    "onnxruntime/core/optimizer/nchwc_transformer.cc, TransformConv; " +
    "https://github.com/microsoft/onnxruntime/pull/7442; checked against the optimised graphs of ONNX Runtime 1.30",
};
const { fast, depthwise, slow, unknown } = paths(NCHWC);

const AVX2_BLOCK = 8;
const AVX512_BLOCK = 16;

/** The reorder kernels around a blocked convolution move 4 channels at a time. */
const REORDER_ALIGNMENT = 4;

/**
 * The float convolutions of ONNX Runtime's CPU provider at optimisation level `all`. The fast family
 * is the blocked (NCHWc) one, `com.microsoft.nchwc:Conv` in the optimised graph. Every other
 * convolution is im2col and one matrix product a group.
 */
export const ortCpu = defineTarget({
  id: "ort-cpu",
  title: "ONNX Runtime, CPU, float32",
  predict(conv, { blockSize } = {}) {
    if (blockSize !== undefined) return predictForBlock(conv, blockSize);
    const avx2 = predictForBlock(conv, AVX2_BLOCK);
    const avx512 = predictForBlock(conv, AVX512_BLOCK);
    if (avx2.path === avx512.path) return avx512;
    return unknown(
      `${avx2.path} with blocks of 8 (AVX2), ${avx512.path} with blocks of 16 (AVX-512): probe the machine`,
    );
  },
  channelsPerGroup: ({ blockSize = AVX512_BLOCK } = {}): ChannelsPerGroupRule | null =>
    blockSize > 1 ? { multipleOf: blockSize, atLeast: blockSize, evidence: NCHWC } : null,
});

function predictForBlock(conv: ConvShape, block: number): PathPrediction {
  const { op = "Conv", inChannels, outChannels, groups, kernel, constantWeights = true } = conv;

  if (op === "ConvTranspose") return slow("transposed convolutions have no blocked kernel");
  if (block <= 1) return unknown("this build has no blocked layout: measure");
  if (kernel.length !== 2) return slow("only 2-d convolutions have a blocked kernel");
  if (!constantWeights)
    return slow("weights or bias are not constants, so they cannot be reordered ahead of time");

  if (isDepthwise(conv))
    return outChannels % REORDER_ALIGNMENT === 0
      ? depthwise("1 channel per group: the blocked depthwise kernel")
      : slow(`depthwise, outChannels=${outChannels} is not a multiple of ${REORDER_ALIGNMENT}`);

  if (groups > 1)
    return groupsAligned(conv, block)
      ? fast(`${perGroupText(conv)}, a multiple of the block of ${block}`)
      : slow(`${perGroupText(conv)}, not a multiple of the block of ${block}`);

  if (inChannels < block) return fast(`dense, under ${block} channels in: read without a reorder`);
  return inChannels % REORDER_ALIGNMENT === 0
    ? fast(`dense, inChannels=${inChannels} is a multiple of ${REORDER_ALIGNMENT}`)
    : slow(`dense, inChannels=${inChannels} is not a multiple of ${REORDER_ALIGNMENT}`);
}
