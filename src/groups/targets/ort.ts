import type { Evidence } from "../evidence.js";
import { defineTarget, isDepthwise, type Miscomputation, paths, perGroupText } from "./target.js";
import { webgpuFault } from "./webgpu-shaders.js";

const qlinear = paths({
  level: "runtime",
  source:
    "https://github.com/microsoft/onnxruntime/pull/5605 (the depthwise kernel took a model from 50 to 8 ms)",
});

export const ortCpuInt8 = defineTarget({
  id: "ort-cpu-int8",
  title: "ONNX Runtime, CPU, int8 (QLinearConv)",
  predict(conv) {
    if (conv.op === "ConvTranspose")
      return paths({
        level: "specification",
        source: "https://onnx.ai/onnx/operators/onnx__QLinearConv.html",
      }).unsupported("ONNX has no quantised transposed convolution");
    if (conv.groups === 1) return qlinear.fast("dense: one matrix product for the whole layer");
    if (isDepthwise(conv))
      return qlinear.depthwise("1 channel per group: the int8 depthwise kernel");
    return qlinear.slow(
      `${perGroupText(conv)}: only 1 in and 1 out has a kernel of its own, the rest loop over the groups`,
    );
  },
});

const wasm = paths({
  level: "runtime",
  source: "profile of onnxruntime-web 1.30: plain Conv nodes, no reorder nodes around them",
});

export const ortWasm = defineTarget({
  id: "ort-wasm",
  title: "ONNX Runtime Web, WebAssembly, float32",
  predict: ({ groups }) =>
    groups === 1
      ? wasm.fast("dense: one matrix product for the whole layer")
      : wasm.unknown("WebAssembly builds have no blocked layout, groups run one by one: measure"),
});

const GROUPED_SHADER: Evidence = {
  level: "runtime",
  source:
    "onnxruntime/core/providers/webgpu/nn/conv.cc (group > 1 runs GroupedConv), present in onnxruntime-web 1.30; " +
    "https://github.com/microsoft/onnxruntime/issues/19388 (72 % of an encoder's time in GroupedConv)",
};
const webgpu = paths(GROUPED_SHADER);

const MEASURED =
  "measured with onnxruntime-web 1.30 on a software adapter: bench/exam/ask/webgpu/RESULTS.md";

const volumes = paths({ level: "runtime", source: MEASURED });

const vectors: Miscomputation = {
  reasonFor: webgpuFault,
  remedy: 'set preferredLayout to "NCHW" for the provider webgpu, where it comes out right',
  evidence: {
    level: "runtime",
    source:
      "onnxruntime/core/providers/webgpu/nn/grouped_conv.cc and conv_backprop.cc, " +
      `where no condition on the graphics card was found; ${MEASURED}`,
  },
};

export const ortWebgpu = defineTarget({
  id: "ort-webgpu",
  title: "ONNX Runtime Web, WebGPU",
  predict({ op, groups, kernel }) {
    if (op === "ConvTranspose")
      return webgpu.unknown("its shader is another one than Conv's: measure");
    if (groups === 1) return webgpu.fast("dense: a tiled matrix product");
    return kernel.length > 2
      ? volumes.unsupported(
          "onnxruntime-web/webgpu refuses 3-d groups, and onnxruntime-web computes something else",
        )
      : webgpu.slow(
          "any groups above 1, depthwise too, run a shader where each thread sums its own outputs without tiling",
        );
  },
  miscomputation: vectors,
});
