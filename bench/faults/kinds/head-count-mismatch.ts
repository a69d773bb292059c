import { range } from "../../../src/util/math.js";
import type { Copy } from "../copy.js";
import type { Fault, Site } from "../fault.js";
import { easyGroups, layerBefore } from "../sites.js";

/** Keeps the matrix of positions against positions small. */
const MOST_POSITIONS = 1024;

/** A layer of some groups that feeds an attention of another number of heads. */
export const headsAgainstGroups: Fault = {
  audit: "head-count-mismatch",
  name: "a grouped layer before an attention of another number of heads",
  entails: { "unmixed-groups": "it may be one more grouped layer of a row" },
  sites: (patient) =>
    patient.convolutions.flatMap((layer): Site[] => {
      const { y, outChannels, node } = layer;
      const shape = patient.shapeOf(y);
      const groups = easyGroups(outChannels);
      const positions = shape ? shape[2] * shape[3] : 0;
      if (shape?.length !== 4 || !groups || groups < 4 || node.graph !== patient.model.graph)
        return [];
      if (positions < 4 || positions > MOST_POSITIONS || layerBefore(patient, y) !== layer)
        return [];
      return [
        {
          at: layer.name,
          plant: (copy) => {
            copy.insertAfter(y, (x) => {
              const grouped = copy.conv("planted", x, outChannels, { groups });
              return attend(copy, grouped, shape, groups / 2);
            });
            return ["planted"];
          },
        },
      ];
    }),
};

type Value = Parameters<Copy["conv"]>[1];

/** Multi-head self-attention over the positions of a map, with a residual connection. */
function attend(copy: Copy, x: Value, shape: readonly number[], heads: number): Value {
  const { g } = copy;
  const [batch, channels, height, width] = shape;
  const positions = height * width;
  const size = channels / heads;
  return g.within("attention", () => {
    const flat = g.reshape(x, [batch, channels, positions]);
    const tokens = g.transpose(flat, [0, 2, 1]);
    const project = (value: Value) =>
      g.op("MatMul", [value, g.constant(copy.weight([channels, channels]))]);
    const [query, key, value] = range(3).map(() =>
      g.transpose(g.reshape(project(tokens), [batch, positions, heads, size]), [0, 2, 1, 3]),
    );
    const scores = g.op("MatMul", [query, g.transpose(key, [0, 1, 3, 2])]);
    const scaled = g.op("Mul", [scores, g.scalar(size ** -0.5)]);
    const mixed = g.op("MatMul", [g.op("Softmax", [scaled], { axis: 3 }), value]);
    const joined = g.reshape(g.transpose(mixed, [0, 2, 1, 3]), [batch, positions, channels]);
    const back = g.reshape(g.transpose(project(joined), [0, 2, 1]), shape);
    return g.op("Add", [x, back]);
  });
}
