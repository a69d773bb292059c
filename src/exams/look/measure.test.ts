import { expect, it } from "vitest";
import { survey } from "../../analysis/index.js";
import { parseModel } from "../../graph/index.js";
import { profileRuns } from "../../runtime/profile.node.js";
import { Rng } from "../../tensor/index.js";
import { range } from "../../util/math.js";
import { tensorData } from "../tensor-data.js";
import { exposeLayers } from "./measure.js";
import { findSubjects } from "./subjects.js";

const LAYERS = 8;

it.each([
  ["at some positions", "Relu", 64],
  ["at some positions, behind what the runtime computes in order", "Elu", 64],
  ["whole", "Relu", Infinity],
])(
  "a layer seen %s is read before the layer after the next one is computed",
  async (_, activation, maxObservations) => {
    const chain = range(LAYERS)
      .map(
        (i) => `a${i} = Conv<pads = [1, 1, 1, 1]>(y${i}, w${i}) y${i + 1} = ${activation}(a${i})`,
      )
      .join("\n");
    const weights = range(LAYERS).map((i) => `float[16, 16, 3, 3] w${i}`);
    const model = parseModel(`
      net (float[1, 16, 32, 32] y0) => (y${LAYERS}) <${weights.join(", ")}> { ${chain} }`);
    const data = await tensorData(model, new Rng(3).normal([1, 16, 32, 32]));
    const { subjects } = findSubjects(await survey(model), data.summary, {
      maxObservations,
      rankChannels: 128,
    });
    const exposed = exposeLayers(model, subjects, data);
    const { optimised, nodes } = await profileRuns(
      exposed.model,
      { ...(await data.batch(0)), ...exposed.taps.feeds(0, 1) },
      { runs: 3, warmUps: 0 },
    );
    const place = new Map(nodes.map(({ name }, index) => [name, index]));
    const convolutions = nodes.flatMap(({ op }, index) => (op === "Conv" ? [index] : []));
    expect(convolutions).toHaveLength(LAYERS);
    for (const [index, { output, after }] of exposed.layers.slice(0, -2).entries())
      for (const { name } of [output, after!]) {
        const reader = optimised.graph.find(name)!.producer!;
        expect(place.get(reader.name)).toBeLessThan(convolutions[index + 2]);
      }
  },
);
