import { survey } from "../../src/analysis/index.js";
import { type ExamId, type ExamReport, examine, syntheticData } from "../../src/exams/index.js";
import type { Model } from "../../src/graph/index.js";
import { parseModel } from "../../src/graph/index.js";
import { Rng } from "../../src/tensor/index.js";

/** Exams whose numbers do not depend on the machine, but for the times that pulse takes. */
const EXAMS: readonly ExamId[] = ["look", "listen", "pulse"];

/** A net with groups, drawn by a seed. */
export function smallNet(): Model {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
    net (float[N, 3, 12, 12] x) => (y) <float[8, 3, 3, 3] a, float[8, 4, 3, 3] b, float[8, 8, 1, 1] c> {
    [stem] h = Conv<pads = [1, 1, 1, 1]>(x, a)
    r = Relu(h)
    [grouped] s = Conv<group = 2, pads = [1, 1, 1, 1]>(r, b)
    t = Relu(s)
    [last] y = Conv(t, c)
  }`);
  const rng = new Rng(1);
  const shapes = { a: [8, 3, 3, 3], b: [8, 4, 3, 3], c: [8, 8, 1, 1] };
  for (const [name, shape] of Object.entries(shapes))
    model.graph.find(name)!.initializer = rng.normal(shape);
  return model;
}

/** @param tried Layers that pulse tries: of a large model the first that can have groups, as all take long. */
export async function examineModel(
  model: Model,
  tried: "all" | "first" = "all",
): Promise<ExamReport> {
  const data = await syntheticData(model, { samples: 4, seed: 3, batchSize: 2 });
  const { convolutions } = await survey(model, { inputShapes: data.inputShapes });
  const first = convolutions.find(
    ({ groups, inChannels }) => groups === 1 && inChannels % 8 === 0,
  )!;
  const layers = tried === "first" ? { layers: [first.name] } : {};
  return examine(model, data, {
    exams: EXAMS,
    pulse: { budgetMs: 600_000, ...layers },
    name: "net",
  });
}
