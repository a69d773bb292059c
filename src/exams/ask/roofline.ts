import type { Convolution } from "../../analysis/index.js";
import { intAttribute, type Model, type Node } from "../../graph/index.js";
import {
  bySession,
  fusedNodes,
  nodeSumMs,
  type RunProfile,
  type TracedNode,
} from "../../runtime/index.js";
import { product, sum } from "../../util/math.js";
import { median, spreadOf } from "../../util/statistics.js";
import { noiseOf } from "./compare.js";
import type { Ceilings, ProfiledNode, ProfileSection } from "./section.js";

/**
 * Reads a profile as a roofline: what each node computes and moves in its time, beside the best that the
 * machine does (Williams, Waterman, Patterson, 2009, https://doi.org/10.1145/1498765.1498785).
 */
export function roofline(
  model: Model,
  convolutions: readonly Convolution[],
  profile: RunProfile,
  ceilings: Ceilings,
): ProfileSection {
  const sums = nodeSumMs(profile);
  const unexplained = profile.plainMs.map((ms, run) => ms - sums[run]);
  const ofSessions = bySession(unexplained, profile).map(median);
  const profilerNoiseMs = profile.nodes.length * noiseOf(profile.profilerMs);
  const total = sum(profile.nodes.map(({ ms }) => median(ms)));
  const origins = fusedNodes(model.graph, profile.optimised.graph);
  const optimised = new Map(profile.optimised.graph.nodes.map((node) => [node.name, node]));
  const layers = new Map(convolutions.map((layer) => [layer.node, layer]));
  const nodes = profile.nodes.map((traced): ProfiledNode => {
    const node = optimised.get(traced.name);
    const works = (node && origins.get(node)) ?? [];
    const layer = works.map((work) => layers.get(work)).find((found) => found) ?? null;
    const ms = spreadOf(traced.ms);
    const macs = layer ? (layer.macs ?? 0) : matrixMacs(traced, node);
    const bytes = traced.dataBytes + constantBytes(node);
    return {
      name: traced.name,
      op: traced.op,
      provider: traced.provider,
      nodes: works.map(({ label }) => label),
      layer: layer?.name ?? null,
      ms,
      share: ms.median / total,
      ...speedOf(macs, bytes, ms.median, ceilings),
    };
  });
  return {
    runs: profile.wholeMs.length,
    sessions: ofSessions.length,
    wholeMs: spreadOf(profile.plainMs),
    nodeSumMs: spreadOf(sums),
    unexplainedMs: spreadOf(ofSessions.length > 1 ? ofSessions : unexplained),
    noiseMs: noiseOf(ofSessions.length > 1 ? ofSessions : unexplained) + profilerNoiseMs,
    ceilings,
    nodes: nodes.sort((a, b) => b.ms.median - a.ms.median),
  };
}

/** The profiler counts whole microseconds, and what it takes itself is taken off: less is as good as nothing. */
const LEAST_MS = 1e-3;

/** Where a node of so many MACs and bytes that takes so long stands under the ceilings. */
export function speedOf(macs: number, bytes: number, ms: number, ceilings: Ceilings) {
  const { gigaflopsPerSecond, gigabytesPerSecond } = ceilings;
  const [gigaflops, gigabytes] = [(2 * macs) / 1e9, bytes / 1e9];
  const seconds = Math.max(ms, LEAST_MS) / 1000;
  const atBest = {
    compute: gigaflops / gigaflopsPerSecond,
    memory: gigabytes / gigabytesPerSecond,
  };
  const bound: "compute" | "memory" = atBest.compute > atBest.memory ? "compute" : "memory";
  return {
    macs,
    bytes,
    intensity: bytes > 0 ? (2 * macs) / bytes : 0,
    gigaflopsPerSecond: gigaflops / seconds,
    gigabytesPerSecond: gigabytes / seconds,
    bound,
    ceilingShare: atBest[bound] / seconds,
  };
}

const MATRIX_PRODUCTS = ["MatMul", "FusedMatMul", "Gemm", "FusedGemm"];

/** [..., m, k] times [..., k, n]: each element of the result takes k. */
function matrixMacs({ op, inputShapes, outputShapes }: TracedNode, node: Node | undefined): number {
  const [a, result] = [inputShapes[0], outputShapes[0]];
  if (!MATRIX_PRODUCTS.includes(op) || !a || !result) return 0;
  const isTransposed = !!node && intAttribute(node, "transA", 0) === 1;
  return product(result) * ((isTransposed ? a.at(-2) : a.at(-1)) ?? 1);
}

function constantBytes(node: Node | undefined): number {
  return sum(node?.inputs.map((input) => input?.initializer?.byteLength ?? 0) ?? []);
}
