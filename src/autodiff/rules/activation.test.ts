import { describe, it } from "vitest";
import { awayFrom, checkGradients } from "../../../tests/support/check-gradients.js";
import type { Attributes } from "../../ops/index.js";

const float = (value: number) => ({ type: "float", value }) as const;

describe("gradients of activations agree with central differences", () => {
  const cases: [op: string, attributes: Attributes, kinks: number[], opset?: number][] = [
    ["Relu", {}, [0]],
    ["LeakyRelu", {}, [0]],
    ["LeakyRelu", { alpha: float(0.3) }, [0]],
    ["Elu", {}, [0]],
    ["Elu", { alpha: float(0.5) }, [0]],
    ["Selu", {}, [0]],
    ["Selu", { alpha: float(2), gamma: float(0.5) }, [0]],
    ["Celu", {}, [0]],
    ["Celu", { alpha: float(2) }, [0]],
    ["Sigmoid", {}, []],
    ["Tanh", {}, []],
    ["HardSigmoid", {}, [-2.5, 2.5]],
    ["HardSigmoid", { alpha: float(0.5), beta: float(0.3) }, [-0.6, 1.4]],
    ["HardSwish", {}, [-3, 3]],
    ["Softplus", {}, []],
    ["Softsign", {}, [0]],
    ["Mish", {}, [], 18],
    ["Gelu", {}, [], 20],
    ["Gelu", { approximate: "tanh" }, [], 20],
  ];
  it.each(cases)("%s %j", async (op, attributes, kinks, opset = 17) => {
    await checkGradients({
      shapes: { x: [3, 20] },
      values: (_, shape, rng) =>
        awayFrom(rng, shape, ...kinks.map((kink) => kink / 2)).map((x) => 2 * x),
      write: (g, { x }) => g.op(op, [x], attributes),
      opset,
    });
  });

  it.each([[[3]], [[2, 3]], [[1, 1]], [[2, 1]]])("PRelu with slopes %j", async (slope) => {
    await checkGradients({
      shapes: { x: [4, 2, 3], slope },
      values: (_, shape, rng) => awayFrom(rng, shape, 0),
      write: (g, { x, slope }) => g.op("PRelu", [x, slope]),
    });
  });
});
