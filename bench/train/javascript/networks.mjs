/**
 * The networks of `../networks.ts` over the operators of some library: `params.next(shape, fill)` gives the
 * next parameter, `o` has the operators. Shapes are PyTorch's: `[N, C, H, W]`, weights `[M, C/G, k, k]`.
 */

const CLASSES = 10;

function conv(o, x, outs, kernel, { stride = 1, groups = 1, bias = true } = {}) {
  const w = o.params.next([outs, o.channels(x) / groups, kernel, kernel]);
  const y = o.conv(x, w, { stride, padding: (kernel - 1) / 2, groups });
  return bias ? o.addBias(y, o.params.next([outs], 0)) : y;
}

function batchNorm(o, x) {
  const channels = [o.channels(x)];
  return o.batchNorm(x, o.params.next(channels, 1), o.params.next(channels, 0));
}

function convBn(o, x, outs, kernel, options = {}) {
  return batchNorm(o, conv(o, x, outs, kernel, { bias: false, ...options }));
}

function convBnAct(o, x, outs, kernel, options) {
  return o.relu(convBn(o, x, outs, kernel, options));
}

function linear(o, x, outs) {
  return o.linear(x, o.params.next([outs, o.channels(x)]), o.params.next([outs], 0));
}

const head = (o, x) => linear(o, o.globalPool(x), CLASSES);

const plain = (groups) => ({
  input: [32, 3, 32, 32],
  forward(o, x) {
    let y = convBnAct(o, x, 64, 3);
    y = o.maxPool(convBnAct(o, y, 64, 3, { groups }));
    y = convBnAct(o, y, 128, 3, { groups });
    y = o.maxPool(convBnAct(o, y, 128, 3, { groups }));
    return head(o, convBnAct(o, y, 128, 3, { groups }));
  },
});

function separable(o, x, outs) {
  const y = convBnAct(o, x, o.channels(x), 3, { groups: o.channels(x) });
  return convBnAct(o, y, outs, 1);
}

function bottleneck(o, x, inner, outs, stride) {
  let y = convBnAct(o, x, inner, 1);
  y = convBnAct(o, y, inner, 3, { stride, groups: 32 });
  y = convBn(o, y, outs, 1);
  return o.relu(o.add(y, convBn(o, x, outs, 1, { stride })));
}

function tunable(o, x, outs, groups) {
  const y = conv(o, x, outs, 3, { groups });
  return o.add(y, o.scale(conv(o, x, outs, 1), 0.3));
}

function convBlock(o, x, hidden, outs, groups) {
  const y = o.relu(batchNorm(o, conv(o, x, hidden, 3, { groups })));
  return batchNorm(o, conv(o, y, outs, 1));
}

function sceneStage(o, x, outs, groups) {
  return o.maxPool(o.relu(batchNorm(o, conv(o, x, outs, 3, { groups }))));
}

export const networks = {
  "plain-g1": plain(1),
  "plain-g4": plain(4),
  "plain-g16": plain(16),
  depthwise: {
    input: [32, 3, 32, 32],
    forward(o, x) {
      let y = o.maxPool(separable(o, convBnAct(o, x, 64, 3), 64));
      y = o.maxPool(separable(o, y, 128));
      return head(o, separable(o, y, 128));
    },
  },
  resnext: {
    input: [32, 3, 32, 32],
    forward(o, x) {
      let y = bottleneck(o, convBnAct(o, x, 64, 3), 64, 128, 1);
      y = bottleneck(o, y, 128, 256, 2);
      return head(o, bottleneck(o, y, 256, 512, 2));
    },
  },
  smart: {
    input: [32, 64, 32, 32],
    forward(o, x) {
      const y = conv(o, x, 128, 3, { groups: 16 });
      const squeezed = o.relu(linear(o, o.globalPool(y), 8));
      return head(o, o.gate(y, o.sigmoid(linear(o, squeezed, 128))));
    },
  },
  rescue: {
    input: [32, 64, 32, 32],
    forward(o, x) {
      const y = batchNorm(o, conv(o, x, 128, 1, { groups: 16 }));
      return head(o, o.add(y, conv(o, y, 128, 1)));
    },
  },
  tunable: {
    input: [32, 3, 32, 32],
    forward(o, x) {
      const y = o.maxPool(o.relu(tunable(o, convBnAct(o, x, 64, 3), 64, 4)));
      return head(o, o.relu(tunable(o, y, 128, 8)));
    },
  },
  "conv-block": {
    input: [16, 3, 16, 16],
    forward(o, x) {
      let y = convBlock(o, x, 3, 64, 1);
      y = convBlock(o, y, 256, 128, 4);
      y = convBlock(o, y, 512, 256, 4);
      return o.globalPool(convBlock(o, y, 512, CLASSES, 1));
    },
  },
  "scene-aware": {
    input: [32, 3, 32, 32],
    forward(o, x) {
      let y = sceneStage(o, x, 64, 1);
      y = sceneStage(o, y, 128, 2);
      return head(o, sceneStage(o, y, 256, 4));
    },
  },
};

/** What each parameter is: its shape, and what it starts as; undefined for random numbers. */
export function parametersOf({ input, forward }) {
  const list = [];
  const same = (x) => x;
  forward(
    {
      params: { next: (shape, fill) => list.push({ shape, fill }) && { shape } },
      channels: (x) => x.shape[1],
      conv: (x, w, { stride }) => ({
        shape: [x.shape[0], w.shape[0], x.shape[2] / stride, x.shape[3] / stride],
      }),
      maxPool: ({ shape: [n, c, h, w] }) => ({ shape: [n, c, h / 2, w / 2] }),
      globalPool: ({ shape: [n, c] }) => ({ shape: [n, c] }),
      linear: (x, w) => ({ shape: [x.shape[0], w.shape[0]] }),
      addBias: same,
      batchNorm: same,
      relu: same,
      add: same,
      scale: same,
      sigmoid: same,
      gate: same,
    },
    { shape: input },
  );
  return list;
}

/** Numbers for a tensor of this shape: as `fill` says, or random ones that keep a layer's variance. */
export function numbersFor(shape, fill) {
  const size = shape.reduce((a, b) => a * b, 1);
  if (fill !== undefined) return new Float32Array(size).fill(fill);
  const bound = Math.sqrt(6 / (size / shape[0]));
  return Float32Array.from({ length: size }, () => (2 * Math.random() - 1) * bound);
}
