import { type DataSummary, type ExamData, readExamData } from "../../../src/exams/index.node.js";
import type { ImageOptions } from "../../../src/exams/read-exam-data.node.js";
import type { Model } from "../../../src/graph/index.js";
import type { Tensors } from "../../../src/runtime/index.js";
import { sum } from "../../../src/util/math.js";

/** A graph of a trained model, and what it is looked at on. */
export interface Part {
  readonly model: Model;
  readonly data: ExamData;
}

/** Folders of pictures. */
export interface Pictures {
  readonly examples: string;
  /** Of text, drawn; see `drawLines`. */
  readonly lines: string;
  readonly words: string;
}

/** A trained model whose layers count as healthy. */
export interface BandModel {
  readonly name: string;
  /** The package that carries it. */
  readonly origin: string;
  /** @returns What it is looked at on, in words, and its graphs. */
  open(pictures: Pictures): Promise<readonly [words: string, parts: readonly Part[]]>;
}

/** What a model looks at, and how. */
export interface Task {
  readonly pictures: keyof Pictures;
  readonly images: ImageOptions;
}

const called = { examples: "pictures", lines: "lines of text", words: "words" } as const;

/** A model of one graph that sees pictures. */
export function pictureModel(
  name: string,
  origin: string,
  { pictures, images }: Task,
  read: () => Promise<Model>,
): BandModel {
  return {
    name,
    origin,
    async open(folders) {
      const model = await read();
      const data = await readExamData(model, folders[pictures], { images });
      const { samples, inputs } = data.summary;
      const size = inputs[0].shape.slice(2).join("x");
      return [`${samples} ${called[pictures]}, ${size}`, [{ model, data }]];
    },
  };
}

/** Data of one sample a batch, for graphs that keep their state in inputs whose first axis counts something else. */
export function oneByOne(source: string, feeds: readonly Tensors[]): ExamData {
  const inputs: DataSummary["inputs"] = Object.entries(feeds[0]).map(([name, tensor]) => {
    const { dtype, shape } = tensor;
    return { name, dtype, shape, perSample: true };
  });
  const samples = feeds.length;
  const of = { source, synthetic: false, seed: null, skipped: [], leftOver: 0 };
  return {
    summary: { ...of, samples, inputs },
    inputShapes: Object.fromEntries(inputs.map(({ name, shape }) => [name, shape])),
    batchCount: samples,
    heldBytes: sum(feeds.flatMap((feed) => Object.values(feed).map(({ bytes }) => bytes.length))),
    batch: async (index) => feeds[index],
  };
}
