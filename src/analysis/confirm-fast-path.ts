import { allNodes, type Model, type Node } from "../graph/index.js";
import type { Evidence } from "../groups/index.js";
import { BLOCKED_DOMAIN } from "../runtime/index.js";
import type { Convolution } from "./convolution.js";
import type { FastPath } from "./fast-path.js";
import { matchConvolutions } from "./match-convolutions.js";
import { isQuantised, runOnIntegers } from "./quantised.js";

export interface FastPathConfirmation {
  readonly fastPaths: ReadonlyMap<Convolution, FastPath>;
  /** Copies into and out of the blocked layout: what switching between the paths costs. */
  readonly reorders: { readonly inputs: number; readonly outputs: number };
  /** Convolutions written in floats between quantised values that run on integers. */
  readonly integers: ReadonlySet<Convolution>;
}

/**
 * Holds predictions for ONNX Runtime's CPU provider against the graph it runs. A prediction gets
 * `confirmed` true or false; null where its convolution is not found there (folded away, joined with its
 * twin, moved out of a body) or runs in a kernel that is neither blocked nor plain. Where a prediction
 * was `unknown` and the graph shows the convolution blocked, or quantised and it shows it in floats, it says so.
 */
export function confirmFastPaths(
  predictions: ReadonlyMap<Convolution, FastPath>,
  optimised: Model,
): FastPathConfirmation {
  const found = matchConvolutions([...predictions.keys()], optimised.graph);
  const fastPaths = new Map<Convolution, FastPath>();
  for (const [convolution, prediction] of predictions)
    fastPaths.set(convolution, judge(prediction, convolution, found.get(convolution) ?? []));
  const reorders = { inputs: 0, outputs: 0 };
  for (const node of allNodes(optimised.graph)) {
    if (node.domain !== BLOCKED_DOMAIN) continue;
    if (node.op === "ReorderInput") reorders.inputs++;
    if (node.op === "ReorderOutput") reorders.outputs++;
  }
  // of two that share a weight one may run in floats: which of them, its weight does not say
  const others = [...predictions.keys()].filter(
    (one) => onlyKind(found.get(one) ?? []) !== "plain",
  );
  return { fastPaths, reorders, integers: runOnIntegers(others, optimised.graph) };
}

const SEEN: Evidence = {
  level: "runtime",
  source: "the optimised graph of this model, from ONNX Runtime on this machine",
};

/** What is quantised around it does not fit together: the scale of its bias, or zero and activation. */
const SEEN_IN_FLOATS: FastPath = {
  path: "slow",
  reason:
    "quantised, but the runtime's optimised graph runs it in floats and makes its weight anew in every run",
  evidence: SEEN,
  confirmed: true,
};

function judge(prediction: FastPath, convolution: Convolution, runs: readonly Node[]): FastPath {
  const kind = onlyKind(runs);
  if (kind === null || kind === "other") return prediction;
  if (kind === "plain" && isQuantised(convolution)) return SEEN_IN_FLOATS;
  const isBlocked = kind === "blocked";
  switch (prediction.path) {
    case "fast":
    case "depthwise":
      return { ...prediction, confirmed: isBlocked };
    case "slow":
      return { ...prediction, confirmed: !isBlocked };
    case "unknown":
      return isBlocked ? seenBlocked(convolution) : prediction;
    case "unsupported": // loading says nothing: the runtime fails when it runs
      return prediction;
  }
}

function seenBlocked({ kind, inChannels, outChannels }: Convolution): FastPath {
  const isDepthwise = kind === "depthwise" && inChannels === outChannels;
  return {
    path: isDepthwise ? "depthwise" : "fast",
    reason: "the runtime's optimised graph runs it blocked",
    evidence: SEEN,
    confirmed: true,
  };
}

type KernelKind = "blocked" | "plain" | "other";

/** Of all nodes that run a convolution; null where they differ, or there are none. */
function onlyKind(runs: readonly Node[]): KernelKind | null {
  const [kind, ...others] = new Set(runs.map(kernelKind));
  return kind && others.length === 0 ? kind : null;
}

function kernelKind({ domain, op }: Node): KernelKind {
  if (domain === BLOCKED_DOMAIN) return "blocked";
  return op === "Conv" || op === "FusedConv" || op === "ConvTranspose" ? "plain" : "other";
}
