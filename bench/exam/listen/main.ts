/**
 * How the gradient is spread over the groups of networks as `groupconv/nn` initialises them: `npm run bench:listen`.
 * Writes RESULTS.md beside this file.
 */

import { writeFileSync } from "node:fs";
import { examine, syntheticData } from "../../../src/exams/index.js";
import { groupShares } from "../../../src/exams/listen/checks/starved-groups.js";
import { architectures, buildModel } from "../../../src/nn/index.js";
import { describeMachine, installedVersion } from "../../support/machine.js";
import { markdownTable } from "../../support/table.js";

const BATCH = [4, 3, 96, 96];
const SEEDS = [0, 1, 2];
const NETWORKS = ["resnext50_32x4d", "shufflenet_v1_g3", "regnet_x_400mf"] as const;

const rows: (string | number)[][] = [];
for (const name of NETWORKS)
  for (const seed of SEEDS) {
    process.stderr.write(`${name}, seed ${seed}\n`);
    const model = buildModel(architectures[name](), { inputShape: BATCH, seed });
    const data = await syntheticData(model, { samples: BATCH[0], seed });
    const { sections } = await examine(model, data, { exams: ["listen"] });
    const layers = sections.listen!.layers.filter(
      ({ groups, channelsPerGroup }) => groups > 1 && channelsPerGroup > 1,
    );
    const ratios = layers.flatMap(({ dense }) => dense?.ratio ?? []);
    const shares = layers.flatMap(groupShares);
    rows.push([
      name,
      seed,
      layers.length,
      ...[Math.min(...ratios), Math.max(...ratios)].map((ratio) => ratio.toFixed(2)),
      Math.min(...shares.map(({ share }) => share)).toFixed(3),
      Math.min(...shares.map(({ normalised }) => normalised)).toFixed(2),
    ]);
  }

const text = `# Listen: groups of networks that were not trained

\`npm run bench:listen\` on ${describeMachine()}, onnxruntime-node ${installedVersion("onnxruntime-node")}.

Networks as \`groupconv/nn\` initialises them, on a batch of ${BATCH.join("x")} of synthetic noise; the seed is that of both.
Layers: with several groups of several channels. Within over all: rms of the gradient at the kernels a layer has over
that at all kernels of the same layer made dense (\`dense.ratio\`). Least share: the quietest group's part of an equal
share of the gradient at the weight; size taken out: its part of the median group's, once the size of what it reads
and writes is taken out.

${markdownTable(
  ["network", "seed", "layers", "within over all, least", "most", "least share", "size taken out"],
  rows,
)}
`;
writeFileSync(new URL("RESULTS.md", import.meta.url), text);
process.stdout.write(text);
