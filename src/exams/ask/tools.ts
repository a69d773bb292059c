import type { ProfileRuns, ReadOptimisedGraph } from "../../runtime/index.js";
import type { BrowserBenchOptions, OpenBench } from "./bench.js";
import type { MachineSummary } from "./section.js";
import type { SweepStore } from "./sweep.js";

/** What only Node has; its entry point fills it in. */
export interface AskTools {
  /** The runtime's profiler: without it there is no table of nodes, and neighbours count as the layers'. */
  readonly profileRuns?: ProfileRuns;
  /** Tells on which path layers really run. */
  readonly readOptimisedGraph?: ReadOptimisedGraph;
  /** Starts a browser to time in. */
  readonly openBrowserBench?: (options: BrowserBenchOptions) => Promise<OpenBench>;
  /** The processor's name and number of cores. Defaults to what a browser tells: nothing and the number. */
  readonly processor?: Pick<MachineSummary, "cpu" | "cores">;
  /** Makes this sweep known to others on the machine, which would spoil its times, and looks for them. */
  readonly announce?: (warn: (sentence: string) => void) => Announced;
  /** Time that the processor worked for this process, in ms: of threads that wait for their turn it knows nothing. */
  readonly processorTime?: () => number;
  /** Keeps timings between sweeps; given the machine they are good for, and a way to say that it cannot. */
  readonly openStore?: (machine: MachineSummary, warn: (sentence: string) => void) => SweepStore;
}

/** What is known of the processor; in a browser, or without one, little. */
export function processorOf({ processor }: Pick<AskTools, "processor">): {
  readonly cpu: string;
  readonly cores: number | null;
} {
  return processor ?? { cpu: "unknown", cores: globalThis.navigator?.hardwareConcurrency ?? null };
}

export interface Announced {
  /** Warns of sweeps that were not there before. */
  look(): void;
  end(): void;
}
