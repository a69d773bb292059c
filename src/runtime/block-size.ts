import { GraphBuilder, newModel } from "../ops/index.js";
import { zeros } from "../tensor/index.js";
import { BLOCKED_DOMAIN, type ReadOptimisedGraph } from "./optimised-graph.js";

const CANDIDATES = [2, 4, 8, 16, 32, 64];

const known = new WeakMap<ReadOptimisedGraph, Promise<number>>();

/**
 * Channels in one block of the runtime's blocked CPU layout on this machine: 8 with AVX2, 16 with
 * AVX-512, 1 where the build has no such layout. Asked once a process.
 *
 * It is read off the optimised graph of a model with two groups of 2, 4, 8, ... channels a layer: the
 * smallest group that runs blocked is the block.
 */
export function probeBlockSize(readOptimisedGraph: ReadOptimisedGraph): Promise<number> {
  const asked = known.get(readOptimisedGraph);
  if (asked) return asked;
  const probe = askForBlockSize(readOptimisedGraph);
  known.set(readOptimisedGraph, probe);
  probe.catch(() => known.delete(readOptimisedGraph)); // so that a full disk is not remembered
  return probe;
}

async function askForBlockSize(readOptimisedGraph: ReadOptimisedGraph): Promise<number> {
  const model = newModel("block_size_probe");
  const b = new GraphBuilder(model.graph);
  for (const size of CANDIDATES) {
    const channels = 2 * size;
    const x = b.input(`x${size}`, [1, channels, 4, 4]);
    const weight = b.constant(zeros([channels, size, 1, 1]));
    const y = b.op("Conv", [x, weight], { group: 2 });
    b.output(y, undefined, { shape: [1, channels, 4, 4] });
  }
  const { graph } = await readOptimisedGraph(model);
  const blocked = graph.nodes
    .filter((node) => node.domain === BLOCKED_DOMAIN && node.op === "Conv")
    .map((node) => node.inputs[1]?.initializer?.shape[1] ?? Number.POSITIVE_INFINITY);
  return blocked.length > 0 ? Math.min(...blocked) : 1;
}
