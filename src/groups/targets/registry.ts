import { checkName } from "../checks.js";
import { fbgemmInt8, onednn, tflite, xnnpack } from "./cpu-libraries.js";
import { appleMps, coreml, qualcommHtp, webnn } from "./devices.js";
import { cudnn, tensorrt, tensorrtDla, tensorrtFp8, tensorrtFp16, tensorrtInt8 } from "./nvidia.js";
import { ortCpuInt8, ortWasm, ortWebgpu } from "./ort.js";
import { ortCpu } from "./ort-cpu.js";
import { TARGET_IDS, type Target, type TargetId } from "./target.js";

export const TARGETS: { readonly [Id in TargetId]: Target } = {
  "ort-cpu": ortCpu,
  "ort-cpu-int8": ortCpuInt8,
  "ort-wasm": ortWasm,
  "ort-webgpu": ortWebgpu,
  cudnn,
  tensorrt,
  "tensorrt-fp16": tensorrtFp16,
  "tensorrt-int8": tensorrtInt8,
  "tensorrt-fp8": tensorrtFp8,
  "tensorrt-dla": tensorrtDla,
  onednn,
  xnnpack,
  tflite,
  "fbgemm-int8": fbgemmInt8,
  coreml,
  "apple-mps": appleMps,
  "qualcomm-htp": qualcommHtp,
  webnn,
};

/** @throws UsageError, naming the nearest id, if there is no such target. */
export function findTarget(id: string): Target {
  checkName("target", id, TARGET_IDS);
  return TARGETS[id];
}
