/** TensorFlow.js, `[N, H, W, C]`. It has no grouped convolution: a split, a convolution a group, and a concat. */

import * as tf from "@tensorflow/tfjs";
import "@tensorflow/tfjs-backend-wasm";
import { numbersFor } from "./networks.mjs";

const CLASSES = 10;

const toHwio = ([outs, ins, ...kernel]) => [...kernel, ins, outs];

function conv(x, w, { stride, padding, groups }) {
  if (groups === 1) return tf.conv2d(x, w, stride, padding);
  const [kh, kw, ins, outs] = w.shape;
  if (groups === outs && ins === 1)
    return tf.depthwiseConv2d(x, tf.reshape(w, [kh, kw, outs, 1]), stride, padding);
  const ws = tf.split(w, groups, 3);
  return tf.concat(
    tf.split(x, groups, 3).map((part, i) => tf.conv2d(part, ws[i], stride, padding)),
    3,
  );
}

const operators = (params) => ({
  params,
  channels: (x) => x.shape.at(-1),
  conv,
  addBias: (x, bias) => tf.add(x, bias),
  batchNorm(x, scale, bias) {
    const { mean, variance } = tf.moments(x, [0, 1, 2]);
    return tf.batchNorm(x, mean, variance, bias, scale, 1e-5);
  },
  relu: (x) => tf.relu(x),
  sigmoid: (x) => tf.sigmoid(x),
  add: (a, b) => tf.add(a, b),
  scale: (x, factor) => tf.mul(x, factor),
  gate: (x, gate) => tf.mul(x, tf.reshape(gate, [gate.shape[0], 1, 1, gate.shape[1]])),
  maxPool: (x) => tf.maxPool(x, 2, 2, "valid"),
  globalPool: (x) => tf.mean(x, [1, 2]),
  linear: (x, w, bias) => tf.add(tf.matMul(x, w, false, true), bias),
});

export async function prepare(backend, { input, forward }, parameters, images) {
  await tf.setBackend(backend);
  const [n, c, h, w] = input;
  const x = tf.transpose(tf.tensor(images, [n, c, h, w]), [0, 2, 3, 1]);
  const classes = Int32Array.from({ length: n }, (_, i) => i % CLASSES);
  const labels = tf.oneHot(tf.tensor1d(classes, "int32"), CLASSES);
  const variables = parameters.map(({ shape, fill }) =>
    tf.variable(tf.tensor(numbersFor(shape, fill), shape.length === 4 ? toHwio(shape) : shape)),
  );
  const optimizer = tf.train.momentum(0.01, 0.9);
  const step = async () => {
    const loss = optimizer.minimize(
      () => {
        const rest = variables.values();
        const scores = forward(operators({ next: () => rest.next().value }), x);
        return tf.losses.softmaxCrossEntropy(labels, scores);
      },
      true,
      variables,
    );
    const [number] = await loss.data();
    loss.dispose();
    return number;
  };
  return { step, version: `TensorFlow.js ${tf.version.tfjs}` };
}
