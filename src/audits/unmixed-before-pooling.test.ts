import { testAudit } from "../../tests/support/test-audit.js";
import { buildModel, DeadlyCombo, efficientnetB0, mobilenetV2, RescueCombo } from "../nn/index.js";
import { unmixedBeforePooling } from "./unmixed-before-pooling.js";

/** What `nodes` make of `x` [1, 16, 8, 8]. */
function network(nodes: string): string {
  return `g (float[1, 16, 8, 8] x) => (y) <float[16, 4, 1, 1] g4, float[16, 8, 1, 1] g2,
    float[16, 16, 1, 1] pw, float[4, 16, 1, 1] squeeze, float[16, 4, 1, 1] excite, float[16, 10] fc,
    float[16] c> { ${nodes} }`;
}

const image = { inputShape: [1, 3, 64, 64] };

testAudit(unmixedBeforePooling, {
  clean: [
    {
      name: "a 1x1 before the pooling",
      model: network("a = Conv<group = 4>(x, g4) b = Conv(a, pw) [pool] y = GlobalAveragePool(b)"),
    },
    {
      name: "the seed's rescue",
      model: () => buildModel(new RescueCombo(), { inputShape: [2, 64, 32, 32] }),
    },
    {
      name: "a gate's pooling",
      model: network(`a = Conv<group = 4>(x, g4) p = GlobalAveragePool(a) s = Conv(p, squeeze)
        e = Conv(s, excite) f = Sigmoid(e) h = Mul(a, f) y = Conv(h, pw)`),
    },
    {
      name: "a pooling of half the size",
      model: network(
        "a = Conv<group = 4>(x, g4) b = AveragePool<kernel_shape = [2, 2], strides = [2, 2]>(a) y = Conv(b, pw)",
      ),
    },
    {
      name: "an operator nobody knows: no verdict",
      model: network(
        "a = Conv<group = 4>(x, g4) [pool] b = GlobalAveragePool(a) y = my.domain.Unknown(b)",
      ),
    },
    { name: "MobileNetV2", model: () => buildModel(mobilenetV2(), image) },
    { name: "EfficientNet-B0", model: () => buildModel(efficientnetB0(), image) },
  ],
  found: [
    {
      name: "the seed's DeadlyCombo: they never meet",
      preset: "recommended",
      model: () => buildModel(new DeadlyCombo(), { inputShape: [2, 64, 32, 32] }),
      findings: [
        {
          node: "conv1",
          messageId: "never",
          message: "64 groups reach the global pooling pool in 64 parts and never meet",
          severity: "warning",
        },
      ],
    },
    {
      name: "they never meet, and the seed is stricter",
      model: network("a = Conv<group = 4>(x, g4) [pool] y = ReduceMean<axes = [2, 3]>(a)"),
      findings: [{ node: "a", messageId: "never", severity: "error" }],
    },
    {
      name: "they meet in the classifier",
      model: network(
        "a = Conv<group = 4>(x, g4) [pool] b = GlobalAveragePool(a) d = Flatten(b) [fc] y = Gemm(d, fc)",
      ),
      findings: [
        {
          node: "a",
          messageId: "late",
          message:
            "4 groups reach the global pooling pool in 4 parts and meet only behind it, at fc",
          advice: /1x1 convolution before pool/,
          severity: "error",
        },
      ],
    },
    {
      name: "they meet in the statistics of a norm",
      preset: "recommended",
      model: network(`a = Conv<group = 4>(x, g4) [pool] b = GlobalAveragePool(a) d = Flatten(b)
        [norm] y = LayerNormalization(d, c)`),
      findings: [
        {
          node: "a",
          messageId: "gained",
          message:
            "4 groups reach the global pooling pool in 4 parts and meet only in the factors or statistics of norm",
          severity: "info",
        },
      ],
    },
    {
      name: "only the last grouped layer is named, with the parts that are left",
      model:
        network(`a = Conv<group = 4>(x, g4) b = Conv<group = 2>(a, g2) [pool] d = GlobalMaxPool(b)
        e = Flatten(d) [fc] y = Gemm(e, fc)`),
      findings: [
        {
          node: "b",
          messageId: "late",
          message:
            "2 groups reach the global pooling pool in 2 parts and meet only behind it, at fc",
        },
      ],
    },
    {
      name: "a layer with a grouped layer behind it, and a pooling beside that",
      model: network(`a = Conv<group = 4>(x, g4) b = Conv<group = 2>(a, g2) d = Conv(b, pw)
        [pool] p = GlobalAveragePool(a) e = Add(d, p) y = Conv(e, pw)`),
      findings: [{ node: "a", messageId: "late" }],
    },
  ],
  notApplicable: [
    {
      name: "dense",
      model: network("a = Conv(x, pw) y = GlobalAveragePool(a)"),
      reason: "no convolution has groups",
    },
  ],
});
