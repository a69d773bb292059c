import { testAudit } from "../../tests/support/test-audit.js";
import type { Value } from "../graph/index.js";
import type { Module } from "../nn/index.js";
import {
  buildModel,
  ChannelShuffle,
  Conv2d,
  mobilenetV2,
  ReLU,
  Residual,
  Sequential,
  shufflenetV2,
  TunableGroupConv,
} from "../nn/index.js";
import { unmixedGroups } from "./unmixed-groups.js";

/** What `nodes` make of `x` [1, 16, 8, 8]; `y` is the output. */
function network(nodes: string, outputs = "y"): string {
  return `g (float[1, 16, 8, 8] x) => (${outputs}) <float[16, 4, 1, 1] g4, float[16, 8, 1, 1] g2,
    float[16, 1, 3, 3] dw, float[16, 1, 1, 3] row, float[16, 1, 3, 1] column, float[16, 16, 1, 1] pw,
    float[8, 8, 1, 1] half, float[4, 16, 1, 1] squeeze, float[16, 4, 1, 1] excite, float[16, 1, 4, 4] up,
    float[16] c, int64[5] rows = {1, 4, 4, 8, 8}, int64[4] flat = {1, 16, 8, 8}> { ${nodes} }`;
}

const squeezeExcite = `p = GlobalAveragePool(a) s = Conv(p, squeeze) t = Relu(s) e = Conv(t, excite)
  f = Sigmoid(e) [scale] h = Mul(a, f)`;

/** A ShuffleNet unit: grouped 1x1, shuffle, depthwise 3x3, grouped 1x1, and its input added. */
function shuffleUnit(withShuffle: boolean): Module<Value> {
  return new Residual(
    new Sequential([
      new Conv2d(16, 16, 1, { groups: 4 }),
      ...(withShuffle ? [new ChannelShuffle(16, 4)] : []),
      new Conv2d(16, 16, 3, { groups: 16, padding: 1 }),
      new Conv2d(16, 16, 1, { groups: 4 }),
    ]),
  );
}

function build(...layers: Module<Value>[]) {
  const [, channels] = layers[0] instanceof Conv2d ? [1, layers[0].inChannels] : [1, 16];
  return () => buildModel(new Sequential(layers), { inputShape: [1, channels, 8, 8] });
}

const image = { inputShape: [1, 3, 64, 64] };

testAudit(unmixedGroups, {
  clean: [
    {
      name: "depthwise and pointwise",
      model: network("[dw] a = Conv<group = 16>(x, dw) y = Conv(a, pw)"),
    },
    {
      name: "a pair of depthwise layers, 1x3 and 3x1, and a pointwise one",
      model: network(
        "a = Conv<group = 16>(x, row) b = Conv<group = 16>(a, column) y = Conv(b, pw)",
      ),
    },
    {
      name: "a grouped layer and a dense one",
      model: network("a = Conv<group = 4>(x, g4) b = Relu(a) y = Conv(b, pw)"),
    },
    {
      name: "the seed's compensation: a dense 1x1 branch is added",
      model: build(new TunableGroupConv(16, 16, { groups: 8 })),
    },
    {
      name: "a second layer with fewer groups mixes some",
      model: network("a = Conv<group = 4>(x, g4) b = Conv<group = 2>(a, g2) y = Conv(b, pw)"),
    },
    {
      name: "two ShuffleNet units, but for the border between them",
      model: network(`a = Conv<group = 4>(x, g4) b = Reshape(a, rows)
        d = Transpose<perm = [0, 2, 1, 3, 4]>(b) e = Reshape(d, flat) y = Conv<group = 4>(e, g4)
        z = Conv(y, pw)`).replace("=> (y)", "=> (z)"),
    },
    {
      name: "three branches with a grouped layer each are no run",
      model: network(`a = Conv<group = 4>(x, g4) b = Conv(a, pw)
        d = Conv<group = 2>(a, g2) e = Conv(d, pw) y = Add(b, e)`),
    },
    {
      name: "halves, each with a dense layer of its own, and a dense one over both",
      model: network(
        "a = Conv<group = 4>(x, g4) b, d = Split<axis = 1>(a) e = Conv(b, half) f = Conv(d, half) h = Concat<axis = 1>(e, f) y = Conv(h, pw)",
      ),
    },
    {
      name: "an operator nobody knows: no verdict",
      model: network("a = Conv<group = 4>(x, g4) b = my.domain.Unknown(a) y = Add(a, b)"),
    },
    { name: "MobileNetV2", model: () => buildModel(mobilenetV2(), image) },
    { name: "ShuffleNetV2", model: () => buildModel(shufflenetV2(), image) },
  ],
  found: [
    {
      name: "the seed's BadGroupConv: depthwise, and nothing else",
      preset: "recommended",
      model: build(new Conv2d(256, 256, 3, { padding: 1, groups: 256 })),
      findings: [
        {
          node: "0",
          messageId: "isolated",
          message: "256 groups reach the output output in 256 parts that have not met",
          severity: "warning",
        },
      ],
    },
    {
      name: "an identity around it excuses nothing, nor does a branch with the same groups",
      model: network(
        "a = Conv<group = 4>(x, g4) b = Conv<group = 4>(x, g4) d = Add(a, b) y = Add(d, x)",
      ),
      findings: [
        { node: "a", messageId: "isolated", severity: "error" },
        { node: "b", messageId: "isolated" },
      ],
    },
    {
      name: "some meet: a second layer with half as many groups ends the network",
      model: network("a = Conv<group = 4>(x, g4) y = Conv<group = 2>(a, g2)"),
      findings: [
        {
          node: "a",
          messageId: "isolated",
          message: "4 groups reach the output y in 2 parts that have not met",
        },
        {
          node: "y",
          messageId: "isolated",
          message: "2 groups reach the output y in 2 parts that have not met",
        },
      ],
    },
    {
      name: "the output with the most parts, where another has them mixed",
      model: network("a = Conv<group = 4>(x, g4) y = Conv(a, pw) z = Relu(a)", "y, z"),
      findings: [
        {
          node: "a",
          messageId: "isolated",
          message: "4 groups reach the output z in 4 parts that have not met",
        },
      ],
    },
    {
      name: "halves that end in outputs of their own",
      preset: "recommended",
      model: network(
        "a = Conv<group = 4>(x, g4) b, d = Split<axis = 1>(a) y = Conv(b, half) z = Conv(d, half)",
        "y, z",
      ),
      findings: [
        {
          node: "a",
          messageId: "lost",
          message: "no output has all 4 groups: they end in 2 parts that never meet",
          severity: "warning",
        },
      ],
    },
    {
      name: "class scores enlarged one by one: said to be enlarged, and not under recommended",
      model: network("a = Conv(x, pw) y = ConvTranspose<group = 16, strides = [2, 2]>(a, up)"),
      findings: [
        {
          node: "y",
          messageId: "enlarged",
          message:
            "16 channels are enlarged one by one and reach the output y in 16 parts that have not met",
          severity: "warning",
        },
      ],
    },
    {
      name: "a gate alone",
      preset: "recommended",
      model: network(`a = Conv<group = 16>(x, dw) ${squeezeExcite} y = Relu(h)`),
      findings: [
        {
          node: "a",
          messageId: "gainOnly",
          message: "16 groups meet only in the factors or statistics of scale, never in content",
          severity: "info",
        },
      ],
    },
    {
      name: "two layers of one partition, and then a dense one",
      preset: "recommended",
      model: network("a = Conv<group = 4>(x, g4) b = Conv<group = 4>(a, g4) y = Conv(b, pw)"),
      findings: [
        {
          node: "a",
          messageId: "delayed",
          message: "b keeps the 4 groups apart too; they meet first at y",
          related: ["b"],
          severity: "info",
        },
      ],
    },
    {
      name: "the same with a connection between them, as between ShuffleNet's units",
      model: build(
        new Conv2d(16, 16, 1),
        shuffleUnit(true),
        shuffleUnit(true),
        new Conv2d(16, 16, 1),
      ),
      findings: [
        {
          node: "1.body.3",
          messageId: "delayedJoined",
          message:
            "2.body.0 keeps the 4 groups apart too, behind a connection that joins them; they meet first at 2.body.3",
        },
      ],
    },
    {
      name: "a run through units without shuffles: told once, depthwise layers not counted",
      preset: "recommended",
      model: build(
        new Conv2d(16, 16, 1),
        shuffleUnit(false),
        new ReLU(),
        shuffleUnit(false),
        new ReLU(),
        new Conv2d(16, 16, 1),
      ),
      findings: [
        {
          node: "1.body.0",
          messageId: "longRun",
          message:
            "4 grouped layers in a row keep 4 groups apart: 1.body.0, 1.body.2, 3.body.0 and 1 more; they meet first at 5",
          related: ["1.body.2", "3.body.0", "3.body.2"],
          severity: "warning",
        },
      ],
    },
    {
      name: "only what is in a row: the longer of two branches",
      model: network(`a = Conv<group = 4>(x, g4) b = Conv<group = 4>(a, g4) d = Conv(b, pw)
        e = BatchNormalization(a, c, c, c, c) f = Conv<group = 4>(e, g4) h = Conv<group = 4>(f, g4)
        i = Add(d, h) y = Conv(i, pw)`),
      findings: [
        {
          node: "a",
          messageId: "longRun",
          message: "3 grouped layers in a row keep 4 groups apart: a, f, h; they meet first at d",
          related: ["f", "h"],
        },
      ],
    },
  ],
  notApplicable: [
    { name: "dense", model: network("y = Conv(x, pw)"), reason: "no convolution has groups" },
  ],
});
