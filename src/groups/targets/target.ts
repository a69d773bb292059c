import { count } from "../../util/text.js";
import { groupsProblem } from "../divisibility.js";
import type { Evidence, SeedRow } from "../evidence.js";

export const TARGET_IDS = [
  "ort-cpu",
  "ort-cpu-int8",
  "ort-wasm",
  "ort-webgpu",
  "cudnn",
  "tensorrt",
  "tensorrt-fp16",
  "tensorrt-int8",
  "tensorrt-fp8",
  "tensorrt-dla",
  "onednn",
  "xnnpack",
  "tflite",
  "fbgemm-int8",
  "coreml",
  "apple-mps",
  "qualcomm-htp",
  "webnn",
] as const;

/** A runtime on a kind of hardware, with the precision where it changes the rule. */
export type TargetId = (typeof TARGET_IDS)[number];

/** What decides which kernel a runtime picks for a convolution. */
export interface ConvShape {
  /** Defaults to `Conv`. */
  op?: "Conv" | "ConvTranspose";
  inChannels: number;
  outChannels: number;
  groups: number;
  /** Size of the window, in pixels, one number an axis: two for a 2-d convolution. */
  kernel: readonly number[];
  /** Defaults to 1 on every axis. */
  strides?: readonly number[];
  /** Defaults to 1 on every axis. */
  dilations?: readonly number[];
  /**
   * Weights and bias are constants of the model, not inputs or the results of other nodes.
   * Defaults to true.
   */
  constantWeights?: boolean;
}

/** What is known of the machine. Leave out what was not probed: predictions that depend on it become `unknown`. */
export interface Machine {
  /**
   * Channels in one block of the runtime's blocked CPU layout: 16 on x86 with AVX-512, 8 without,
   * 1 where the build has no blocked layout.
   */
  blockSize?: number;
}

/**
 * The kernel family a runtime picks, which is not a time:
 * - `fast`: the family the runtime is tuned for;
 * - `depthwise`: its kernel for one channel per group;
 * - `slow`: it runs, by a fallback;
 * - `unsupported`: it does not run in this precision on this target;
 * - `unknown`: nothing documented decides; measure.
 */
export type KernelPath = "fast" | "depthwise" | "slow" | "unsupported" | "unknown";

export interface PathPrediction {
  path: KernelPath;
  /** Why, in one sentence. */
  reason: string;
  evidence: Evidence;
}

/** What a target likes each group to have, in and out. */
export interface ChannelsPerGroupRule {
  multipleOf: number;
  atLeast: number;
  evidence: Evidence;
}

/** Something said about a target that does not decide its kernel. */
export interface Preference {
  id: string;
  /** What should hold, as a sentence. */
  text: string;
  holds(conv: ConvShape): boolean;
  evidence: Evidence;
  seedRows: readonly SeedRow[];
}

/** Layers that a target runs, and computes something else than what they are. */
export interface Miscomputation {
  /** Why this one comes out wrong, in one sentence; null when it comes out right. */
  reasonFor(conv: ConvShape): string | null;
  /** What brings the right result out of the same layer, after "or". */
  remedy: string;
  evidence: Evidence;
}

export interface Target {
  id: TargetId;
  title: string;
  /** Which kernel family runs this convolution, and why. */
  predict(conv: ConvShape, machine?: Machine): PathPrediction;
  /** The channels per group this target likes; null where nothing is known. */
  channelsPerGroup(machine?: Machine): ChannelsPerGroupRule | null;
  preferences: readonly Preference[];
  /** Null where no wrong results are known. */
  miscomputation: Miscomputation | null;
}

interface TargetDefinition {
  id: TargetId;
  title: string;
  /** Only asked about group counts that divide both channel counts. */
  predict: Target["predict"];
  channelsPerGroup?: Target["channelsPerGroup"];
  preferences?: readonly Preference[];
  miscomputation?: Miscomputation;
}

const CONV_SPECIFICATION: Evidence = {
  level: "specification",
  source: "https://onnx.ai/onnx/operators/onnx__Conv.html",
};

/** A target that answers `unsupported` by itself where no runtime could run the convolution. */
export function defineTarget(definition: TargetDefinition): Target {
  return {
    channelsPerGroup: () => null,
    preferences: [],
    miscomputation: null,
    ...definition,
    predict(conv, machine) {
      const problem = groupsProblem(conv.groups, conv.inChannels, conv.outChannels);
      return problem === null
        ? definition.predict(conv, machine)
        : paths(CONV_SPECIFICATION).unsupported(problem);
    },
  };
}

/** Predictions that rest on the same evidence: `paths(evidence).slow("why")`. */
export function paths(evidence: Evidence): Record<KernelPath, (reason: string) => PathPrediction> {
  const path = (path: KernelPath) => (reason: string) => ({ path, reason, evidence });
  return {
    fast: path("fast"),
    depthwise: path("depthwise"),
    slow: path("slow"),
    unsupported: path("unsupported"),
    unknown: path("unknown"),
  };
}

/** Channels of one group on both sides. */
export function perGroup(conv: ConvShape): { in: number; out: number } {
  return { in: conv.inChannels / conv.groups, out: conv.outChannels / conv.groups };
}

/** One channel in and one out per group. A multiplier (more out than in) is not this. */
export function isDepthwise(conv: ConvShape): boolean {
  return conv.groups > 1 && conv.inChannels === conv.groups && conv.outChannels === conv.groups;
}

/** Whether groups with `in` and `out` channels are what the rule asks for. */
export function satisfies(group: { in: number; out: number }, rule: ChannelsPerGroupRule): boolean {
  return [group.in, group.out].every((n) => n % rule.multipleOf === 0 && n >= rule.atLeast);
}

/** "at least 32 channels per group, in multiples of 4" */
export function ruleText({ multipleOf, atLeast }: ChannelsPerGroupRule): string {
  const least = `at least ${count(atLeast, "channel")} per group`;
  return multipleOf === 1 ? least : `${least}, in multiples of ${multipleOf}`;
}

/** Both sides of every group are a multiple of `n` channels. */
export function groupsAligned(conv: ConvShape, n: number): boolean {
  const { in: i, out } = perGroup(conv);
  return i % n === 0 && out % n === 0;
}

/** "4 channels per group", or "4 channels in and 8 out per group". */
export function perGroupText(conv: ConvShape): string {
  const { in: i, out } = perGroup(conv);
  const inward = count(i, "channel");
  return i === out ? `${inward} per group` : `${inward} in and ${out} out per group`;
}
