import { fashionMnist } from "../../examples/fashion-mnist/fashion-mnist.js";
import { Rng } from "../../src/tensor/index.js";
import { type Dataset, part } from "../../src/train/index.js";
import { range } from "../../src/util/math.js";

/** So many pictures of Fashion-MNIST to train on and to test with, drawn once for all runs. */
export function drawPictures(trainCount: number, testCount: number): [Dataset, Dataset] {
  const { training, test } = fashionMnist();
  return [draw(training, trainCount), draw(test, testCount)];
}

function draw(dataset: Dataset, count: number): Dataset {
  return part(dataset, new Rng(2017).shuffle(range(dataset.size)).slice(0, count));
}
