/** jax-js. Its arrays are used up by what reads them, `x.ref` keeps one for the next reader. */

import { readFileSync } from "node:fs";
import { defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from "@jax-js/jax";
import { numbersFor } from "./networks.mjs";

const CLASSES = 10;
const perChannel = (vector) => vector.reshape([1, -1, 1, 1]);

const operators = (params) => ({
  params,
  channels: (x) => x.shape[1],
  conv: (x, w, { stride, padding, groups }) =>
    lax.convGeneralDilated(
      x.ref,
      w,
      [stride, stride],
      [
        [padding, padding],
        [padding, padding],
      ],
      { featureGroupCount: groups },
    ),
  addBias: (x, bias) => x.add(perChannel(bias)),
  batchNorm(x, scale, bias) {
    const axes = [0, 2, 3];
    const centred = x.ref.sub(np.mean(x, axes, { keepdims: true }));
    const variance = np.mean(np.square(centred.ref), axes, { keepdims: true });
    const factor = np.reciprocal(np.sqrt(variance.add(1e-5))).mul(perChannel(scale));
    return centred.mul(factor).add(perChannel(bias));
  },
  relu: (x) => nn.relu(x),
  sigmoid: (x) => nn.sigmoid(x),
  add: (a, b) => a.add(b),
  scale: (x, factor) => x.mul(factor),
  gate: (x, gate) => x.mul(gate.reshape([...gate.shape, 1, 1])),
  maxPool(x) {
    const [n, c, h, w] = x.shape;
    return np.max(x.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
  },
  globalPool: (x) => np.mean(x.ref, [2, 3]),
  linear: (x, w, bias) => np.matmul(x, w.transpose()).add(bias),
});

export async function prepare(backend, { input, forward }, parameters, images) {
  await init(backend);
  defaultDevice(backend);
  const x = np.array(images).reshape(input);
  const classes = Int32Array.from({ length: input[0] }, (_, i) => i % CLASSES);
  const labels = nn.oneHot(np.array(classes), CLASSES);
  let values = parameters.map(({ shape, fill }) =>
    np.array(numbersFor(shape, fill)).reshape(shape),
  );
  let momenta = parameters.map(({ shape }) => np.zeros(shape));

  const lossOf = (params, x, labels) => {
    const rest = params.values();
    const scores = forward(operators({ next: () => rest.next().value }), x);
    return np.mean(np.sum(nn.logSoftmax(scores, -1).mul(labels), -1)).neg();
  };
  const update = jit((values, momenta, x, labels) => {
    const [loss, gradients] = valueAndGrad(lossOf)(
      values.map((value) => value.ref),
      x,
      labels,
    );
    const next = momenta.map((old, i) => old.mul(0.9).add(gradients[i]));
    const moved = values.map((value, i) => value.sub(next[i].ref.mul(0.01)));
    return [loss, moved, next];
  });
  const step = async () => {
    let loss;
    [loss, values, momenta] = update(values, momenta, x.ref, labels.ref);
    return loss.item();
  };
  const manifest = new URL("node_modules/@jax-js/jax/package.json", import.meta.url);
  const { version } = JSON.parse(readFileSync(manifest, "utf8"));
  return { step, version: `jax-js ${version}` };
}
