/**
 * Looks at trained models on pictures drawn here and on speech: writes the reference bands that `look` judges
 * by to src/exams/look/reference-bands.json, and what they come from to BANDS.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { examine, type LookLayer } from "../../../src/exams/index.js";
import { median } from "../../../src/util/statistics.js";
import { markdownTable } from "../../support/table.js";
import type { BandModel } from "./band-model.js";
import { bandModels } from "./band-models.js";
import { drawLines, drawWords } from "./draw-lines.js";
import { makeBands, meanCorrelations } from "./make-bands.js";
import { spokenSentences } from "./noisy-speech.js";

const DRAWN = 24;
const COMMAND = "npm run bench:look:bands";
const KINDS = ["dense", "pointwise", "depthwise", "grouped"] as const;

const pathTo = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const folder = (name: string) => mkdtempSync(join(tmpdir(), `groupconv-${name}-`));
const [lines, words] = [folder("lines"), folder("words")];
const pictures = { examples: pathTo("../../../examples/images"), lines, words };

const seen: (readonly LookLayer[])[] = [];
const rows: string[][] = [];
try {
  await drawLines(lines, DRAWN);
  await drawWords(words, DRAWN);
  for (const model of bandModels) {
    const [data, layers] = await lookAt(model);
    seen.push(layers);
    rows.push([model.name, model.origin, data, ...countsAndMedians(layers)]);
    console.log(rows.at(-1)!.join("  "));
  }
} finally {
  for (const drawn of [lines, words]) rmSync(drawn, { recursive: true });
}

const bands = makeBands(seen);
const made = {
  command: COMMAND,
  models: bandModels.map(({ name }) => name),
  data: `examples/images, ${DRAWN} drawn lines of text, ${DRAWN} drawn words, or spoken sentences in noise`,
  band: "5th to 95th percentile of mean |r|, each model counting the same, over layers of more than one position",
};
writeFileSync(
  pathTo("../../../src/exams/look/reference-bands.json"),
  `${JSON.stringify({ made, bands }, null, 2)}\n`,
);
writeFileSync(pathTo("BANDS.md"), page());

async function lookAt(from: BandModel): Promise<[data: string, layers: readonly LookLayer[]]> {
  const [data, parts] = await from.open(pictures);
  const layers: LookLayer[] = [];
  for (const part of parts) {
    const { sections, exams } = await examine(part.model, part.data, { exams: ["look"] });
    if (!sections.look) throw new Error(`${from.name}: ${exams[0].reason}`);
    layers.push(...sections.look.layers);
  }
  return [data, layers];
}

/** As `14: 0.145` for each kind. */
function countsAndMedians(layers: readonly LookLayer[]): string[] {
  const found = meanCorrelations(layers);
  return KINDS.map((kind) => {
    const values = found.get(`${kind} output`);
    if (!values) return "-";
    return `${values.length}: ${median(values).toFixed(3)}`;
  });
}

function page(): string {
  const bandRows = Object.entries(bands).map(
    ([key, band]) => [key, band.models, band.layers, band.low, band.median, band.high] as const,
  );
  return `# Reference bands of look

\`${COMMAND}\`. Mean |r| between the channels of a layer, in ${bandModels.length} models in production, on pictures drawn by this
repository and on speech. Low and high are the 5th and 95th percentile, where each model counts the same however many
layers of the kind it has. Layers with one position, the gates of squeeze-excite blocks, do not count. The seed's band
is 0.3 to 0.7.

${markdownTable(["layers", "models", "count", "low", "median", "high"], bandRows)}

The band of grouped layers that are not depthwise stands on the few models that have any, each of a family of its own. It
is as wide as they differ, and says less than the others: the many layers of SVTRv2 lie at its low end, the few of the
speech enhancers, with 10 and 16 channels, in its middle and at its high end. More models were looked for
([models-searched.md](models-searched.md)). The depthwise and pointwise layers are mostly of PaddleOCR's family; most
of the dense ones are of U2NetP, which finds the foreground of photos and sees drawings here.

## Models

How many layers of a kind were looked at, and the median of their mean |r| as the convolution writes it. Packages of PyPI
are fetched by pip, once; nothing of them is in this repository. The speech is all sentences of
${spokenSentences.name} ${spokenSentences.version} (PyPI, MIT), one after the other, in pink noise drawn here, at 5 dB. GTCRN sees
it frame by frame with its state carried on, DeepFilterNet3 in segments of three seconds.

${markdownTable(["model", "package", "data", ...KINDS], rows)}
`;
}
