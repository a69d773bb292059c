import type { Model } from "../graph/index.js";
import type { SessionOptions, Tensors } from "./session.js";
import type { Trace } from "./trace.js";

export interface ProfileRunsOptions extends SessionOptions {
  /** Runs that count. Defaults to 20. */
  readonly runs?: number;
  /**
   * Times that the model is loaded anew, for about as many runs each: two sessions of one model differ by a percent
   * in where their memory lies, which runs of one never tell. Fewer where `budgetMs` ends. Defaults to 1.
   */
  readonly sessions?: number;
  /** Runs before them that do not, of each session. Defaults to 3. */
  readonly warmUps?: number;
  /** Counted runs end after this time, though not before the third. By default none is too long. */
  readonly budgetMs?: number;
  /** Most memory for the trace, in bytes: where it would take more, fewer runs are made. Defaults to 1 GiB. */
  readonly memoryBytes?: number;
  readonly signal?: AbortSignal;
  /** Called before each counted run with how many are done, of how many. */
  readonly onProgress?: (done: number, of: number) => void;
}

export interface RunProfile extends Trace {
  /** The graph that ran: nodes fused, layouts chosen. Its nodes have the names of the trace, of a source in bytes those that have one. */
  readonly optimised: Model;
  /**
   * Time of as many runs without the profiler, in ms, each just before one with it. What the profiler itself
   * takes, some microseconds a node, is not here, and was taken off the nodes.
   */
  readonly plainMs: readonly number[];
  /** Of each run the session it was made in, from 0. */
  readonly sessions: readonly number[];
  /** What the profiler takes of a node's time, in ms: in each session of a model whose nodes have almost none of their own. */
  readonly profilerMs: readonly number[];
}

/**
 * Runs a model under the runtime's own profiler. Only Node can: its entry point has `profileRuns`, and
 * passes it to whoever takes this as an option.
 */
export type ProfileRuns = (
  source: Model | Uint8Array,
  feeds: Tensors,
  options?: ProfileRunsOptions,
) => Promise<RunProfile>;
