import { webgpuFault } from "../../../../src/groups/targets/webgpu-shaders.js";
import { range } from "../../../../src/util/math.js";
import type { Layer } from "./layer.js";

/** A build of onnxruntime-web, how its sessions are made, and what is expected of it. */
export interface Build {
  readonly title: string;
  /** Its module in the package's `dist`. */
  readonly entry: string;
  readonly provider: "webgpu" | "wasm";
  /** The layout the provider is asked to compute in; its own by default, channels last. */
  readonly layout?: "NCHW";
  readonly expect: (layer: Layer) => Outcome;
}

export type Outcome = "right" | "wrong" | "refused";

/** `onnxruntime-web/webgpu` is the provider written in C++, `onnxruntime-web` the older one, JSEP. */
export const BUILDS: readonly Build[] = [
  {
    title: "onnxruntime-web/webgpu",
    entry: "ort.webgpu.min.mjs",
    provider: "webgpu",
    expect: (layer) => (isVolume(layer) ? "refused" : isFaulty(layer) ? "wrong" : "right"),
  },
  {
    title: "the same, NCHW",
    entry: "ort.webgpu.min.mjs",
    provider: "webgpu",
    layout: "NCHW",
    expect: (layer) => (isVolume(layer) ? "refused" : "right"),
  },
  {
    title: "onnxruntime-web",
    entry: "ort.min.mjs",
    provider: "webgpu",
    expect(layer) {
      if (layer.op === "ConvTranspose") return isOneOfTwo(layer) ? "wrong" : "right";
      return isVolume(layer) || isFaulty(layer) ? "wrong" : "right";
    },
  },
  {
    title: "the same, NCHW",
    entry: "ort.min.mjs",
    provider: "webgpu",
    layout: "NCHW",
    expect: (layer) => (isVolume(layer) ? "wrong" : "right"),
  },
  {
    title: "onnxruntime-web/wasm",
    entry: "ort.wasm.min.mjs",
    provider: "wasm",
    expect: () => "right",
  },
];

function isVolume({ op, axes, groups }: Layer): boolean {
  return op === "Conv" && axes === 3 && groups > 1;
}

/** The rule of the audit. */
function isFaulty({ op, groups, inPerGroup, outPerGroup, axes, kernel }: Layer): boolean {
  const fault = webgpuFault({
    op,
    groups,
    inChannels: groups * inPerGroup,
    outChannels: groups * outPerGroup,
    kernel: range(axes).map(() => kernel),
  });
  return fault !== null;
}

/** Dense ones, too. */
function isOneOfTwo({ inPerGroup, outPerGroup }: Layer): boolean {
  return inPerGroup === 2 && outPerGroup === 1;
}
