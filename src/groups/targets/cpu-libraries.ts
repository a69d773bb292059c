import type { Evidence } from "../evidence.js";
import {
  defineTarget,
  groupsAligned,
  isDepthwise,
  paths,
  perGroup,
  perGroupText,
} from "./target.js";

const DENSE = "dense: one matrix product for the whole layer";
const DEPTHWISE = "1 channel per group: the depthwise kernel";

const ONEDNN: Evidence = {
  level: "runtime",
  source:
    "oneDNN developer guide, Convolution: the direct algorithm needs channels per group in multiples of the " +
    "vector width; its AVX-512 code also tries vectors of 8 and 4",
};
const dnnl = paths(ONEDNN);

const AVX2_MULTIPLE = 8;
const AVX512_MULTIPLE = 4;

/** `blockSize` stands for the vector: 8 on AVX2, 16 on AVX-512. */
export const onednn = defineTarget({
  id: "onednn",
  title: "oneDNN (OpenVINO and PyTorch on x86), float32",
  predict(conv, { blockSize } = {}) {
    if (conv.groups === 1) return dnnl.fast("dense: channels are padded to the vector");
    if (isDepthwise(conv)) return dnnl.depthwise(DEPTHWISE);
    if (groupsAligned(conv, AVX2_MULTIPLE))
      return dnnl.fast(`${perGroupText(conv)}, a multiple of ${AVX2_MULTIPLE}: direct algorithm`);
    const wide = groupsAligned(conv, AVX512_MULTIPLE);
    if (wide && blockSize === 16)
      return dnnl.fast(`${perGroupText(conv)}, a multiple of ${AVX512_MULTIPLE}: short vectors`);
    if (wide && blockSize === undefined)
      return dnnl.unknown(`${perGroupText(conv)}: direct on AVX-512, a matrix product on AVX2`);
    return dnnl.slow(`${perGroupText(conv)}: fills no vector, falls back to a matrix product`);
  },
  channelsPerGroup: ({ blockSize } = {}) => {
    const multiple = blockSize === 16 ? AVX512_MULTIPLE : AVX2_MULTIPLE;
    return { multipleOf: multiple, atLeast: multiple, evidence: ONEDNN };
  },
});

const xnn = paths({
  level: "runtime",
  source: "google/XNNPACK src/operators/convolution-nhwc.c: dwconv for 1 in and 1 out, else igemm",
});

export const xnnpack = defineTarget({
  id: "xnnpack",
  title: "XNNPACK",
  predict(conv) {
    if (conv.groups === 1) return xnn.fast(DENSE);
    if (isDepthwise(conv)) return xnn.depthwise(DEPTHWISE);
    return perGroup(conv).in === 1
      ? xnn.slow("a channel multiplier is not depthwise here: one small matrix product a channel")
      : xnn.unknown(`${perGroupText(conv)}: one matrix product a group: measure`);
  },
});

const lite = paths({
  level: "runtime",
  source:
    'tensorflow/lite/kernels/conv.cc: "Grouped convolution is right now only supported on reference kernel"',
});

export const tflite = defineTarget({
  id: "tflite",
  title: "TensorFlow Lite, built-in kernels (no delegate)",
  predict(conv) {
    if (conv.groups === 1) return lite.fast("dense: the optimised kernel");
    return perGroup(conv).in === 1
      ? lite.depthwise("1 channel in per group: DEPTHWISE_CONV_2D, an operator of its own")
      : lite.slow(`${perGroupText(conv)}: runs the reference kernel`);
  },
});

const FBGEMM_WIDTHS = [2, 4, 8, 16];
const FBGEMM: Evidence = {
  level: "published",
  source:
    "https://github.com/pytorch/FBGEMM/issues/145 (kernels for 2, 4, 8, 16 channels per group); " +
    "https://github.com/pytorch/FBGEMM/issues/347 (a multiplier of 2: 3.55 ms float, 86.76 ms int8)",
};
const fbgemm = paths(FBGEMM);

export const fbgemmInt8 = defineTarget({
  id: "fbgemm-int8",
  title: "FBGEMM (PyTorch quantised on x86), int8",
  predict(conv) {
    if (conv.groups === 1) return fbgemm.fast(DENSE);
    if (isDepthwise(conv)) return fbgemm.depthwise(DEPTHWISE);
    const { in: i, out } = perGroup(conv);
    return i === out && FBGEMM_WIDTHS.includes(i)
      ? fbgemm.fast(`${perGroupText(conv)}: has a kernel of its own`)
      : fbgemm.slow(`${perGroupText(conv)}: only ${FBGEMM_WIDTHS.join(", ")} in and out have one`);
  },
  channelsPerGroup: () => ({ multipleOf: 2, atLeast: 2, evidence: FBGEMM }),
});
