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
  ["at some positions", "Relu(a)", 64, 1],
  ["at some positions, behind what the runtime computes in order", "Elu(a)", 64, 1],
  ["whole", "Relu(a)", Infinity, 2],
  ["at some positions behind a norm, too", "InstanceNormalization(a, s, s)", 64, 2],
  ["whole behind a norm, too", "InstanceNormalization(a, s, s)", Infinity, 2],
])(
  "a layer seen %s is read before the layer after the next one is computed",
  async (_, behind, maxObservations, values) => {
    const chain = range(LAYERS)
      .map((i) => {
        const after = behind.replace("(a", `(a${i}`);
        return `a${i} = Conv<pads = [1, 1, 1, 1]>(y${i}, w${i}) y${i + 1} = ${after}`;
      })
      .join("\n");
    const weights = ["float[16] s", ...range(LAYERS).map((i) => `float[16, 16, 3, 3] w${i}`)];
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
    for (const [index, { output, after }] of exposed.layers.slice(0, -2).entries()) {
      const probes = [output, after].filter((probe) => probe !== null);
      expect(probes).toHaveLength(values);
      for (const { name } of probes) {
        const reader = optimised.graph.find(name)!.producer!;
        expect(place.get(reader.name)).toBeLessThan(convolutions[index + 2]);
      }
    }
  },
);
