import { survey } from "../../../src/analysis/index.js";
import { validGroups } from "../../../src/groups/index.js";
import { GraphBuilder, newModel } from "../../../src/ops/index.js";
import { readOptimisedGraph } from "../../../src/runtime/optimised-graph.node.js";
import { full } from "../../../src/tensor/index.js";

export interface PathCounts {
  /** Predicted kernel family, and what the optimised graph says of it. */
  readonly path: string;
  agrees: number;
  differs: number;
  notShown: number;
}

const CHANNELS = [
  [3, 32],
  [6, 6],
  [8, 8],
  [12, 24],
  [16, 16],
  [18, 36],
  [24, 24],
  [30, 30],
  [32, 64],
  [48, 48],
  [64, 64],
  [64, 128],
  [96, 96],
  [128, 128],
] as const;
const KERNELS = [[1, 1], [3, 3], [5, 5], [1, 3], [3], [3, 3, 3]] as const;
const STRIDES = [1, 2] as const;
const DILATIONS = [1, 2] as const;
/** Pixels on every side. */
const SIZE = 9;

/** Holds the predicted path of every shape of a grid against the graph that ONNX Runtime runs. */
export async function checkPathGrid(): Promise<readonly PathCounts[]> {
  const counts = new Map<string, PathCounts>();
  for (const [inChannels, outChannels] of CHANNELS) {
    const model = newModel("grid");
    const b = new GraphBuilder(model.graph);
    for (const kernel of KERNELS)
      for (const groups of validGroups(inChannels, outChannels))
        for (const stride of STRIDES)
          for (const dilation of DILATIONS) {
            const x = b.input(b.graph.freshName("x"), [1, inChannels, ...kernel.map(() => SIZE)]);
            const weight = b.constant(full([outChannels, inChannels / groups, ...kernel], 0.5));
            const strides = kernel.map(() => stride);
            const dilations = kernel.map(() => dilation);
            b.output(b.op("Conv", [x, weight], { group: groups, strides, dilations }), undefined, {
              shape: [1, outChannels, ...kernel.map(() => null)],
            });
          }
    const surveyed = await survey(model, { target: "ort-cpu", readOptimisedGraph });
    const { fastPaths } = await surveyed.get("fastPaths");
    for (const { path, confirmed } of fastPaths.values()) {
      const row = counts.get(path) ?? { path, agrees: 0, differs: 0, notShown: 0 };
      counts.set(path, row);
      if (confirmed === null) row.notShown++;
      else if (confirmed) row.agrees++;
      else row.differs++;
    }
  }
  return [...counts.values()];
}
