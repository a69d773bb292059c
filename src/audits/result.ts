import type { Role } from "../analysis/index.js";
import type { EvidenceLevel, Task } from "../groups/index.js";

/**
 * What an audit run found, as plain JSON. Every renderer reads this and nothing else. Fields are only
 * ever added within a schema version; a change of meaning raises it.
 */
export interface Result {
  readonly schemaVersion: 1;
  readonly tool: { readonly name: "groupconv"; readonly version: string };
  readonly model: ModelSummary;
  readonly preset: string;
  readonly scene: SceneSummary;
  readonly target: TargetSummary;
  readonly inputs: readonly InputSummary[];
  /** Whether the runtime gave shapes; without them MACs, fast paths and some audits are missing. */
  readonly shapes: { readonly available: boolean; readonly reason: string | null };
  readonly convolutions: readonly ConvolutionRow[];
  readonly audits: readonly AuditRow[];
  readonly findings: readonly Finding[];
  readonly summary: { readonly errors: number; readonly warnings: number; readonly infos: number };
  /** What a reader should know about how this came about: defaults taken, parts not looked at. */
  readonly notes: readonly string[];
}

export interface ModelSummary {
  /** File name without its folder, or the graph's name. */
  readonly name: string;
  readonly producer: string | null;
  readonly irVersion: number;
  readonly opset: number;
  readonly nodes: number;
  /** Elements of all initializers and constant nodes that hold weights of convolutions and matrix products. */
  readonly params: number;
  /** Multiply-accumulates of the convolutions in one run at `inputs`; null without shapes. */
  readonly macs: number | null;
}

export type { Role, Task };

export interface SceneSummary {
  readonly task: Task | "unknown";
  readonly source: "given" | "inferred";
  readonly reason: string;
}

export interface TargetSummary {
  readonly name: string;
  /** Channels in a block of the runtime's blocked layout, for `ort-cpu`; null elsewhere. */
  readonly blockSize: number | null;
}

export interface InputSummary {
  readonly name: string;
  readonly shape: readonly number[] | null;
  /** `file`: fixed in the model; `given`: bound by the caller; `default`: chosen by us. */
  readonly source: "file" | "given" | "default";
}

export interface ConvolutionRow {
  readonly name: string;
  /** `Conv`, `ConvTranspose`, `QLinearConv`, ... */
  readonly op: string;
  readonly role: Role;
  readonly roleSource: "inferred" | "given";
  /** Place on the way from input to output, from 0 to 1. */
  readonly depth: number;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly groups: number;
  /** inChannels / groups, rounded down when it is no whole number (then a finding says so). */
  readonly channelsPerGroup: number;
  readonly kind: "dense" | "grouped" | "depthwise";
  /** `[N, C, ...size]`; null without shapes. */
  readonly inShape: readonly number[] | null;
  readonly outShape: readonly number[] | null;
  /** Weights and bias. */
  readonly params: number;
  readonly macs: number | null;
  readonly fastPath: FastPathSummary;
  readonly mixing: MixingSummary;
}

export interface FastPathSummary {
  readonly path: "fast" | "depthwise" | "slow" | "unsupported" | "unknown";
  readonly reason: string;
  readonly evidence: EvidenceSummary;
  /** Whether the runtime's own optimised graph agrees; null when it was not asked. */
  readonly confirmed: boolean | null;
}

export interface MixingSummary {
  /**
   * `dense`: nothing to mix; `mixed`: every group meets every other; `separate`: some never meet;
   * `gain`: they meet only in a factor (squeeze-excite); `unknown`: an operator on the way could not be
   * followed.
   */
  readonly status: "dense" | "mixed" | "separate" | "gain" | "unknown";
  /** The node at which the last groups meet; null unless `mixed` or `gain`. */
  readonly mixedBy: string | null;
  /** Sets of groups that never meet; 1 when all do. */
  readonly separateParts: number;
}

export interface EvidenceSummary {
  readonly level: EvidenceLevel;
  readonly source: string;
}

export type Severity = "error" | "warning" | "info";

export interface AuditRow {
  readonly id: string;
  /** What is true when nothing was found. */
  readonly title: string;
  readonly failureTitle: string;
  /** Why it matters. */
  readonly why: string;
  readonly status: "passed" | "failed" | "not-applicable" | "silent" | "crashed";
  /** Why it does not apply or is silent, or how it crashed. */
  readonly reason: string | null;
  readonly seedRows: readonly string[];
  readonly findings: number;
}

export interface Finding {
  /** Id of the audit: also its page, `docs/audits/<id>.md`. */
  readonly audit: string;
  readonly severity: Severity;
  /** The layer it is about. */
  readonly node: string;
  /** Other layers it names. */
  readonly related: readonly string[];
  /** Which of the audit's messages this is. */
  readonly messageId: string;
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
  /** The numbers of the message. */
  readonly data: Readonly<Record<string, string | number | readonly number[]>>;
  readonly groups: number;
  readonly channelsPerGroup: number;
  /** The nearest valid or better setting, where there is one. */
  readonly suggestedGroups: number | null;
  readonly evidence: EvidenceSummary;
  readonly seedRows: readonly string[];
}
