import type { Convolution } from "../../../src/analysis/index.js";
import { tensor } from "../../../src/tensor/index.js";
import { product, range } from "../../../src/util/math.js";
import type { Copy } from "../copy.js";
import type { Fault, Site } from "../fault.js";
import { convLayers, denseLayers, easyGroups } from "../sites.js";

/** A dense weight that is zero outside of blocks. */
export const blockDiagonal: Fault = {
  audit: "hidden-groups",
  name: "a dense weight that is zero outside of blocks",
  sites: (patient) => blockSites(denseLayers(patient), (_, channels) => range(channels)),
};

/** The same with the channels in random order. */
export const permutedBlocks: Fault = {
  audit: "hidden-groups",
  name: "a dense weight that is zero outside of blocks, in random order",
  sites: (patient) =>
    blockSites(denseLayers(patient), (copy, channels) => copy.rng.shuffle(range(channels))),
};

/** A grouped layer spelled out: Split, a convolution for each group, Concat. */
export const spelledOut: Fault = {
  audit: "hidden-groups",
  name: "a grouped layer spelled out as Split, convolutions and Concat",
  sites: (patient) =>
    convLayers(patient)
      .filter(({ kind, groups }) => kind === "grouped" && groups <= 16)
      .map((layer) => ({ at: layer.name, plant: (copy) => spellOut(copy, layer) })),
};

function blockSites(
  layers: readonly Convolution[],
  order: (copy: Copy, channels: number) => readonly number[],
): Site[] {
  return layers.flatMap((layer): Site[] => {
    const { weightShape } = layer;
    const [rows, cols, ...kernel] = weightShape;
    const [forRows, forCols] = [easyGroups(rows), easyGroups(cols)];
    if (!forRows || !forCols) return [];
    const groups = Math.min(forRows, forCols);
    return [
      {
        at: layer.name,
        plant: (copy) => {
          const rowOf = order(copy, rows);
          const colOf = order(copy, cols);
          const taps = product(kernel);
          const { data } = copy.rng.uniform(weightShape, 0.01, 0.1);
          for (const row of range(rows))
            for (const col of range(cols)) {
              const isKept =
                Math.floor((row * groups) / rows) === Math.floor((col * groups) / cols);
              if (isKept) continue;
              const start = (rowOf[row] * cols + colOf[col]) * taps;
              data.fill(0, start, start + taps);
            }
          copy.setWeight(layer, tensor(data, weightShape));
          return [layer.name];
        },
      },
    ];
  });
}

function spellOut(copy: Copy, layer: Convolution): string[] {
  const { groups, inChannels, outChannels, kernel } = layer;
  const node = copy.node(layer.node);
  const { group, ...attributes } = Object.fromEntries(node.attributes);
  const parts = copy.g.within("planted.split", () =>
    copy.g.ops("Split", [node.inputs[0]], { axis: 1 }, groups),
  );
  const names = range(groups).map((i) => `planted.${i}`);
  const made = parts.map((part, i) => {
    const weight = copy.weight([outChannels / groups, inChannels / groups, ...kernel]);
    const inputs = [part, copy.g.constant(weight)];
    if (node.inputs[2]) inputs.push(copy.g.constant(copy.weight([outChannels / groups])));
    return copy.g.within(names[i], () => copy.g.op("Conv", inputs, attributes));
  });
  const joined = copy.g.within("planted.concat", () => copy.g.op("Concat", made, { axis: 1 }));
  copy.replace(node.outputs[0]!, joined);
  return names;
}
