import { testAudit } from "../../tests/support/test-audit.js";
import { buildModel, DeadlyCombo, mobilenetV2, RescueCombo, resnext50 } from "../nn/index.js";
import { unmixedBeforeNorm } from "./unmixed-before-norm.js";

/** What `nodes` make of `x` [1, 16, 8, 8]. */
function network(nodes: string): string {
  return `g (float[1, 16, 8, 8] x) => (y) <float[16, 4, 1, 1] g4, float[16, 8, 1, 1] g2,
    float[16, 16, 1, 1] pw, float[16] c> { ${nodes} }`;
}

const image = { inputShape: [1, 3, 64, 64] };

testAudit(unmixedBeforeNorm, {
  clean: [
    {
      name: "a 1x1 behind the norm",
      model: network(
        "a = Conv<group = 4>(x, g4) b = BatchNormalization(a, c, c, c, c) y = Conv(b, pw)",
      ),
    },
    {
      name: "the seed's rescue",
      model: () => buildModel(new RescueCombo(), { inputShape: [2, 64, 32, 32] }),
    },
    {
      name: "no norm, or one folded into the layer",
      model: network("a = Conv<group = 4>(x, g4, c) b = Relu(a) y = GlobalAveragePool(b)"),
    },
    {
      name: "a norm on another way than the output they reach apart",
      model: network(
        "a = Conv<group = 4>(x, g4) b = BatchNormalization(a, c, c, c, c) z = Conv(b, pw) y = Relu(a)",
      ).replace("=> (y)", "=> (y, z)"),
    },
    {
      name: "an operator nobody knows: no verdict",
      model: network(
        "a = Conv<group = 4>(x, g4) b = BatchNormalization(a, c, c, c, c) y = my.domain.Unknown(b)",
      ),
    },
    { name: "MobileNetV2", model: () => buildModel(mobilenetV2(), image) },
    { name: "ResNeXt-50", model: () => buildModel(resnext50(), image) },
  ],
  found: [
    {
      name: "the seed's DeadlyCombo: norm, then pooling",
      model: () => buildModel(new DeadlyCombo(), { inputShape: [2, 64, 32, 32] }),
      findings: [
        {
          node: "conv1",
          messageId: "unmixed",
          message:
            "64 groups go through the batch norm bn to the global pooling pool in 64 parts that have not met",
          advice: /1x1 convolution behind bn/,
          severity: "error",
        },
      ],
    },
    {
      name: "norm, activation, output",
      model: network(
        "a = Conv<group = 4>(x, g4) [bn] b = BatchNormalization(a, c, c, c, c) y = Relu(b)",
      ),
      findings: [
        {
          node: "a",
          messageId: "unmixed",
          message:
            "4 groups go through the batch norm bn to the output y in 4 parts that have not met",
        },
      ],
    },
    {
      name: "the norm itself is the output; only the last grouped layer is named",
      model: network(`a = Conv<group = 4>(x, g4) b = BatchNormalization(a, c, c, c, c)
        d = Conv<group = 2>(b, g2) [bn] y = BatchNormalization(d, c, c, c, c)`),
      findings: [
        {
          node: "d",
          messageId: "unmixed",
          message:
            "2 groups go through the batch norm bn to the output y in 2 parts that have not met",
        },
      ],
    },
  ],
  notApplicable: [
    { name: "dense", model: network("y = Conv(x, pw)"), reason: "no convolution has groups" },
  ],
});
