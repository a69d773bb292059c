import { describeCall } from "../../util/describe-call.js";
import { UsageError } from "../../util/errors.js";
import { checkNonNegative, checkShare, type Optimizer } from "./optimizer.js";

export interface SgdOptions {
  /** Learning rate. Defaults to 0.1. */
  readonly lr?: number;
  /** Share of the last direction that is kept. Defaults to 0.9. */
  readonly momentum?: number;
  /** Looks ahead along the momentum. Defaults to false. */
  readonly nesterov?: boolean;
  /** Pull of each weight to zero, added to its gradient. Defaults to 0. */
  readonly weightDecay?: number;
}

/**
 * Stochastic gradient descent as PyTorch's `SGD` with dampening 0:
 *
 *     d = gradient + weightDecay * w
 *     v = momentum * v + d
 *     w = w - lr * (nesterov ? d + momentum * v : v)
 *
 * @throws UsageError for an option out of range, or `nesterov` without momentum.
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const { lr = 0.1, momentum = 0.9, nesterov = false, weightDecay = 0 } = options;
  checkNonNegative("sgd", "lr", lr);
  checkShare("sgd", "momentum", momentum);
  checkNonNegative("sgd", "weightDecay", weightDecay);
  if (nesterov && momentum === 0)
    throw new UsageError("sgd: nesterov=true needs a momentum greater than 0");
  return {
    name: "sgd",
    recipe: describeCall("sgd", { momentum, nesterov, weightDecay }),
    lr,
    slots: momentum > 0 ? ["momentum"] : [],
    scalars: (_step, rate) => ({ lr: rate }),
    write(g, w, gradient, [v], { lr: rate }) {
      const d =
        weightDecay > 0
          ? g.op("Add", [gradient, g.op("Mul", [w, g.scalar(weightDecay)])])
          : gradient;
      const stepBack = (direction: typeof d) => g.op("Sub", [w, g.op("Mul", [direction, rate])]);
      if (momentum === 0) return { param: stepBack(d), slots: [] };
      const next = g.op("Add", [g.op("Mul", [v, g.scalar(momentum)]), d]);
      const direction = nesterov ? g.op("Add", [d, g.op("Mul", [next, g.scalar(momentum)])]) : next;
      return { param: stepBack(direction), slots: [next] };
    },
  };
}
