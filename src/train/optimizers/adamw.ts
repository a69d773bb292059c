import { describeCall } from "../../util/describe-call.js";
import { checkNonNegative, checkShare, type Optimizer } from "./optimizer.js";

export interface AdamWOptions {
  /** Learning rate. Defaults to 0.001. */
  readonly lr?: number;
  /** Shares of the running means of gradient and squared gradient. Default to [0.9, 0.999]. */
  readonly betas?: readonly [number, number];
  /** Added to the root below the fraction. Defaults to 1e-8. */
  readonly eps?: number;
  /** Pull of each weight to zero, times the learning rate, apart from the gradient. Defaults to 0.01. */
  readonly weightDecay?: number;
}

/**
 * AdamW as PyTorch's (https://arxiv.org/abs/1711.05101):
 *
 *     w = w - lr * weightDecay * w
 *     m = b1 * m + (1 - b1) * gradient,   v = b2 * v + (1 - b2) * gradient^2
 *     w = w - lr / (1 - b1^t) * m / (sqrt(v / (1 - b2^t)) + eps)
 *
 * @throws UsageError for an option out of range.
 */
export function adamw(options: AdamWOptions = {}): Optimizer {
  const { lr = 0.001, betas = [0.9, 0.999], eps = 1e-8, weightDecay = 0.01 } = options;
  const [b1, b2] = betas;
  checkNonNegative("adamw", "lr", lr);
  checkShare("adamw", "betas[0]", b1);
  checkShare("adamw", "betas[1]", b2);
  checkNonNegative("adamw", "eps", eps);
  checkNonNegative("adamw", "weightDecay", weightDecay);
  return {
    name: "adamw",
    recipe: describeCall("adamw", { betas, eps, weightDecay }),
    lr,
    slots: ["mean", "square"],
    scalars: (step, rate) => ({
      keep: 1 - rate * weightDecay,
      stepSize: rate / (1 - b1 ** step),
      rootScale: 1 / Math.sqrt(1 - b2 ** step),
    }),
    write(g, w, gradient, [m, v], { keep, stepSize, rootScale }) {
      const blend = (old: typeof w, fresh: typeof w, share: number) =>
        g.op("Add", [
          g.op("Mul", [old, g.scalar(share)]),
          g.op("Mul", [fresh, g.scalar(1 - share)]),
        ]);
      const mean = blend(m, gradient, b1);
      const square = blend(v, g.op("Mul", [gradient, gradient]), b2);
      const root = g.op("Mul", [g.op("Sqrt", [square]), rootScale]);
      const direction = g.op("Div", [mean, g.op("Add", [root, g.scalar(eps)])]);
      const decayed = weightDecay > 0 ? g.op("Mul", [w, keep]) : w;
      const param = g.op("Sub", [decayed, g.op("Mul", [direction, stepSize])]);
      return { param, slots: [mean, square] };
    },
  };
}
