import type { KernelPath } from "../../groups/index.js";
import type { Spread } from "../../util/statistics.js";

/** What the exam measured, as plain JSON. GFLOP count a multiply-accumulate as two operations. */
export interface AskSection {
  readonly machine: MachineSummary;
  /** The whole model, node by node; null where the runtime has no profiler: in a browser. */
  readonly profile: ProfileSection | null;
  readonly sweep: SweepSection;
}

/** What times depend on, and a cache of them is kept by. */
export interface MachineSummary {
  /** Model of the processor, as the system names it. */
  readonly cpu: string;
  readonly cores: number;
  /** Threads one operator may use; null leaves it to the runtime. */
  readonly threads: number | null;
  /** Version of ONNX Runtime; for a browser that of onnxruntime-web. */
  readonly runtime: string;
  /** Runtime and execution provider, such as `ort-cpu`. */
  readonly target: string;
  /** Name and version of the browser that was started for it; null where none was. */
  readonly browser: string | null;
  /** What WebGPU in a browser ran on, as the browser names it. */
  readonly adapter: string | null;
  /** What times of the sweep were read off. */
  readonly clock: Clock;
}

/** `wall`: as a person waits; `processor`: the work alone. */
export type Clock = "wall" | "processor";

export interface ProfileSection {
  readonly runs: number;
  /** Times that the model was loaded for them. */
  readonly sessions: number;
  /** One run of the model without the profiler. */
  readonly wholeMs: Spread;
  /** The nodes of one run together. */
  readonly nodeSumMs: Spread;
  /** What the nodes leave unexplained of the whole, over sessions that of the median over runs; below zero they took longer. */
  readonly unexplainedMs: Spread;
  /** How far off that may be by chance: by how the sessions differ, or the runs of a single one. */
  readonly noiseMs: number;
  readonly ceilings: Ceilings;
  /** The longest first. */
  readonly nodes: readonly ProfiledNode[];
}

/** The best this machine did in the runtime: a product of large matrices, a pass over a large tensor. */
export interface Ceilings {
  readonly gigaflopsPerSecond: number;
  readonly gigabytesPerSecond: number;
  /** What it did in each run: interruptions only ever take from the best. */
  readonly gigaflopsPerSecondSpread: Spread;
  readonly gigabytesPerSecondSpread: Spread;
}

/** A node of the graph that really runs. */
export interface ProfiledNode {
  /** Its name in the optimised graph. */
  readonly name: string;
  readonly op: string;
  readonly provider: string;
  /** Names of the model's nodes whose work it does; none for copies between layouts. */
  readonly nodes: readonly string[];
  /** The convolution among them. */
  readonly layer: string | null;
  readonly ms: Spread;
  /** Of the sum over all nodes. */
  readonly share: number;
  /** Multiply-accumulates of convolutions and matrix products; other operators count none. */
  readonly macs: number;
  /** Data and weights read and written once. */
  readonly bytes: number;
  /** Operations a byte. */
  readonly intensity: number;
  readonly gigaflopsPerSecond: number;
  readonly gigabytesPerSecond: number;
  /** Which ceiling is the nearer one at this intensity. */
  readonly bound: "compute" | "memory";
  /** Speed over that of the nearer ceiling; over 1 where the data stayed in a cache. */
  readonly ceilingShare: number;
}

export interface SweepSection {
  /** Time the sweep was given, and took; what the cache knew took none. */
  readonly budgetMs: number;
  readonly elapsedMs: number;
  readonly configurations: readonly ConfigurationSweep[];
  readonly layers: readonly LayerSweep[];
  /** Layers without times, and why. */
  readonly unswept: readonly { readonly layer: string; readonly reason: string }[];
}

/** How values are laid out next to a layer: in blocks of channels, as the runtime's fast path wants. */
export type Layout = "blocked" | "plain";

/** Elements of data and weights that are timed. */
export type ElementType = "float32" | "float16" | "uint8" | "int8";

export interface WeightSummary {
  /** As the model keeps it. */
  readonly dtype: ElementType;
  /**
   * `constant`: the runtime may pack it ahead of time. `dequantised`: kept in 8 bits, made floats in every
   * run. `computed`: it, or the bias, is known only when the model runs.
   */
  readonly source: "constant" | "dequantised" | "computed";
  /** One scale for the layer, or one for each output channel; null where it has none. */
  readonly scales: "layer" | "channel" | null;
}

/** A convolution but for its groups, in its surroundings: what one set of timings is good for. */
export interface Configuration {
  /** As the model has it. A Conv that reads 8 bits stands between DequantizeLinear and QuantizeLinear. */
  readonly op: "Conv" | "ConvTranspose" | "QLinearConv" | "ConvInteger";
  /** Elements that it reads: where the runtime makes integers of it, those. */
  readonly dataType: ElementType;
  readonly weight: WeightSummary;
  /** `[N, C, ...size]`. */
  readonly inShape: readonly number[];
  /** `[N, M, ...size]`. */
  readonly outShape: readonly number[];
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Begin of every axis, then end of every axis. */
  readonly pads: readonly number[];
  /** Of ConvTranspose, one an axis; empty for the others. */
  readonly outputPadding: readonly number[];
  readonly bias: boolean;
  /** The activation behind it that the runtime may fuse into it. */
  readonly activation: string | null;
  /** How the layers around it leave its input, and want its output. */
  readonly before: Layout;
  readonly after: Layout;
}

/** The curve ms(G) of a configuration. */
export interface ConfigurationSweep {
  readonly configuration: Configuration;
  /** Rounds in which every count was timed once. */
  readonly rounds: number;
  /** Whether two halves of the rounds agree on the ranking. */
  readonly settled: boolean;
  readonly fromCache: boolean;
  /** Time of neighbours and call, taken off every count's; null where it could not be told apart. */
  readonly fixedMs: number | null;
  readonly fixedMsSpread: Spread | null;
  /** Ascending by groups; the first is dense. */
  readonly counts: readonly CountTiming[];
  /** Counts that have no time. */
  readonly refused: readonly RefusedCount[];
}

/** A group count that the runtime does not run, or runs wrong. */
export interface RefusedCount {
  readonly groups: number;
  readonly reason: string;
}

/** One group count of a configuration. A packed layer is one of its counts: zeros take as long as weights. */
export interface CountTiming {
  readonly groups: number;
  readonly channelsPerGroup: number;
  readonly macs: number;
  /** What the runtime's rules say of the kernel: those of `ort-cpu` are known, on others it is `unknown`. */
  readonly path: KernelPath;
  readonly ms: Spread;
  /** MACs of the dense layer over this one's: the speed-up that counting promises. */
  readonly promised: number;
  /** Time of the dense layer over this one's: the speed-up there is. */
  readonly measured: number;
  /** The same of each round's times. */
  readonly measuredSpread: Spread;
  /** 1 is the fastest: one more than there are counts that are faster by more than the noise. */
  readonly rank: number;
  /** The other counts that it cannot be told apart from, ascending: what the medians say of their order is chance. */
  readonly ties: readonly number[];
}

/** What the sweep says of one layer. */
export interface LayerSweep {
  readonly name: string;
  readonly groups: number;
  readonly channelsPerGroup: number;
  /** Index into `configurations`. */
  readonly configuration: number;
  readonly ms: Spread;
  /** Whether the layer's own count was predicted to miss the fast path, or seen to. */
  readonly path: KernelPath;
  /** All counts, the present one included: keeping it is always a choice. */
  readonly choices: readonly Choice[];
  /** The fastest count; the present one unless another is faster by more than the noise. */
  readonly fastest: number;
  /** The count with the fewest MACs among those that are not slower than now by more than the noise. */
  readonly cheapestNotSlower: number;
}

export interface Choice {
  readonly groups: number;
  /**
   * How to get there. `keep`: as it is; `pack`: the same function, groups joined and zeros between them;
   * `retrain`: another layer.
   */
  readonly way: "keep" | "pack" | "retrain";
  readonly ms: Spread;
  readonly macs: number;
  readonly path: KernelPath;
  /** Over rounds: its time less the present one's. */
  readonly differenceMs: Spread;
  /** A smaller median is noise. */
  readonly noiseMs: number;
  readonly verdict: "faster" | "same" | "slower";
}
