import { isPowerOfTwo } from "../../util/math.js";
import type { Evidence } from "../evidence.js";
import { TENSORRT_MAX_GROUPS } from "../thresholds.js";
import {
  defineTarget,
  groupsAligned,
  isDepthwise,
  type Preference,
  paths,
  perGroup,
  perGroupText,
} from "./target.js";

const DENSE = "dense: one matrix product for the whole layer";

const API: Evidence = {
  level: "runtime",
  source:
    "https://docs.nvidia.com/deeplearning/tensorrt/api/c_api/classnvinfer1_1_1_i_convolution_layer.html (setNbGroups)",
};
const api = paths(API);

/** S12. Kept because the seed has it: what NVIDIA documents is the channels per group, not their number. */
const powerOfTwoGroups: Preference = {
  id: "tensorrt-power-of-two",
  text: `groups is a power of two and at most ${TENSORRT_MAX_GROUPS}`,
  holds: ({ groups }) => isPowerOfTwo(groups) && groups <= TENSORRT_MAX_GROUPS,
  evidence: {
    level: "disputed",
    source: `seed text, section 4; NVIDIA documents a condition on the channels per group only: ${API.source}`,
  },
  seedRows: ["S12"],
};

export const tensorrt = defineTarget({
  id: "tensorrt",
  title: "TensorRT, float32",
  predict: ({ groups }) =>
    groups === 1
      ? api.fast(DENSE)
      : api.unknown("no documented condition decides a float32 grouped convolution: measure"),
  preferences: [powerOfTwoGroups],
});

const FP16_MULTIPLE = 8;
const FP16: Evidence = {
  level: "heuristic",
  source:
    "trt-engine-explorer, trex/lint.py@1637a26 asks for channels in multiples of 8; " +
    "applied here to each group, which NVIDIA does not document",
};
const fp16 = paths(FP16);

export const tensorrtFp16 = defineTarget({
  id: "tensorrt-fp16",
  title: "TensorRT, float16",
  predict(conv) {
    if (conv.groups === 1) return fp16.fast(DENSE);
    const relation = groupsAligned(conv, FP16_MULTIPLE) ? "" : "not ";
    return fp16.unknown(
      `${perGroupText(conv)}, ${relation}a multiple of the ${FP16_MULTIPLE} of a Tensor Core: measure`,
    );
  },
  channelsPerGroup: () => ({ multipleOf: FP16_MULTIPLE, atLeast: FP16_MULTIPLE, evidence: FP16 }),
  preferences: [powerOfTwoGroups],
});

const INT8_MULTIPLE = 4;
const INT8_FLOOR = 32;

export const tensorrtInt8 = defineTarget({
  id: "tensorrt-int8",
  title: "TensorRT, int8",
  predict(conv) {
    if (conv.groups === 1) return api.fast(DENSE);
    if (isDepthwise(conv))
      return api.unknown(
        `the documentation asks for a multiple of ${INT8_MULTIPLE} channels per group, depthwise has 1: measure`,
      );
    if (!groupsAligned(conv, INT8_MULTIPLE))
      return api.unsupported(
        `${perGroupText(conv)}: int8 needs a multiple of ${INT8_MULTIPLE} on both sides`,
      );
    return paths({
      level: "published",
      source: "https://github.com/NVIDIA/TensorRT/issues/4529",
    }).unknown(
      `${perGroupText(conv)}: allowed, but reported split into one convolution a group and slower than fp16: measure`,
    );
  },
  channelsPerGroup: () => ({
    multipleOf: INT8_MULTIPLE,
    atLeast: INT8_FLOOR,
    evidence: {
      level: "published",
      source: `${API.source}; https://github.com/NVIDIA/TensorRT/issues/1934 (maintainer: 32 per group gain more)`,
    },
  }),
  preferences: [powerOfTwoGroups],
});

const fp8 = paths({
  level: "runtime",
  source:
    "https://docs.nvidia.com/deeplearning/tensorrt/10.12.0/getting-started/release-notes.html (limitations); " +
    "https://github.com/NVIDIA/TensorRT/issues/4524",
});

export const tensorrtFp8 = defineTarget({
  id: "tensorrt-fp8",
  title: "TensorRT, FP8",
  predict: ({ groups }) =>
    groups === 1
      ? fp8.fast(DENSE)
      : fp8.slow(
          "no optimised FP8 kernels for grouped or depthwise convolutions: use int8 or fp16",
        ),
  preferences: [powerOfTwoGroups],
});

const DLA_MAX_GROUPS = 8192;
const dla = paths({
  level: "runtime",
  source:
    "NVIDIA/TensorRT include/NvInfer.h@a892d222 (setNbGroups of IConvolutionLayer, IDeconvolutionLayer)",
});

export const tensorrtDla = defineTarget({
  id: "tensorrt-dla",
  title: "TensorRT on a deep learning accelerator (DLA)",
  predict({ op, groups }) {
    if (groups === 1) return dla.fast(DENSE);
    if (op === "ConvTranspose")
      return dla.unsupported("a transposed convolution on DLA must have groups=1");
    if (groups > DLA_MAX_GROUPS)
      return dla.unsupported(`groups=${groups} exceeds the DLA's limit of ${DLA_MAX_GROUPS}`);
    return dla.unknown("allowed on DLA, its speed is not documented: measure");
  },
  preferences: [powerOfTwoGroups],
});

const CUDNN_FLOOR = 32;
const CUDNN: Evidence = {
  level: "published",
  source:
    "https://github.com/pytorch/pytorch/issues/73764 (under 32 channels per group: bound by memory); " +
    "layer times of kumasento/gconv-prune turn upward between 32 and 16",
};
const cuda = paths(CUDNN);

export const cudnn = defineTarget({
  id: "cudnn",
  title: "cuDNN (PyTorch and ONNX Runtime on CUDA)",
  predict(conv) {
    if (conv.groups === 1) return cuda.fast(DENSE);
    if (isDepthwise(conv))
      return paths({
        level: "published",
        source: "https://github.com/pytorch/pytorch/issues/10229 (only groups = channels is fast)",
      }).depthwise(
        "1 channel per group: depthwise kernels, which one depends on layout and precision",
      );
    const { in: i, out } = perGroup(conv);
    return Math.min(i, out) < CUDNN_FLOOR
      ? cuda.slow(`${perGroupText(conv)}, under ${CUDNN_FLOOR}: bound by memory, not arithmetic`)
      : cuda.unknown(`${perGroupText(conv)}: depends on layout and cuDNN version: measure`);
  },
  channelsPerGroup: () => ({ multipleOf: 1, atLeast: CUDNN_FLOOR, evidence: CUDNN }),
});
