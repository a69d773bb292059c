import { floatAttribute, intAttribute } from "../../graph/index.js";
import { range } from "../../util/math.js";
import type { GradientBuilder } from "../gradient-builder.js";
import { memo } from "../memo.js";
import type { Rule } from "../rule.js";
import type { Term } from "../term.js";
import { fromStart } from "./axis.js";

/**
 * Normalisations, all of one form: xhat = (x - mean) / std over some axes, y = scale * xhat + bias. With
 * d = dy * scale the gradient of x is (d - mean(d) - xhat * mean(d * xhat)) / std, means over those axes.
 */
function throughStatistics(
  g: GradientBuilder,
  d: Term,
  { xhat, std }: Normalized,
  axes: readonly number[],
): Term {
  const along = g.mean(g.mul(d, xhat), axes);
  return g.div(g.sub(g.sub(d, g.mean(d, axes)), g.mul(xhat, along)), std);
}

interface Normalized {
  readonly xhat: Term;
  readonly std: Term;
}

function normalize(
  g: GradientBuilder,
  x: Term,
  axes: readonly number[],
  epsilon: number,
): Normalized {
  const centred = g.sub(x, g.mean(x, axes));
  const variance = g.mean(g.mul(centred, centred), axes);
  const std = g.unary("Sqrt", g.add(variance, epsilon));
  return { xhat: g.div(centred, std), std };
}

/** A vector of channels, shaped to be multiplied with `[N, C, ...]`. */
function perChannel(g: GradientBuilder, vector: Term, rank: number): Term {
  return g.reshape(vector, [1, vector.shape[0], ...range(rank - 2).map(() => 1)]);
}

/**
 * BatchNormalization. In training (`training_mode=1`) the statistics are the batch's; in inference they are
 * inputs of their own: dx = dy scale / std, dmean = -sum(dx), dvar = -sum(dx xhat) / (2 std).
 */
export const batchNormalization: Rule = ({ g, node, inputs, dy }) => {
  const [x, scale, , mean, variance] = inputs;
  const rank = x!.shape.length;
  const axes = range(rank).filter((axis) => axis !== 1);
  const epsilon = floatAttribute(node, "epsilon", 1e-5);
  const isTraining = intAttribute(node, "training_mode", 0) === 1;
  const parts = memo((): Normalized => {
    if (isTraining) return normalize(g, x!, axes, epsilon);
    const std = g.unary("Sqrt", g.add(perChannel(g, variance!, rank), epsilon));
    return { xhat: g.div(g.sub(x!, perChannel(g, mean!, rank)), std), std };
  });
  const scaled = memo(() => g.mul(dy, perChannel(g, scale!, rank)));
  const dx = memo(() =>
    isTraining ? throughStatistics(g, scaled(), parts(), axes) : g.div(scaled(), parts().std),
  );
  const dVariance = () => {
    const { xhat, std } = parts();
    return g.sumAway(g.div(g.mul(g.mul(dx(), xhat), -0.5), std), axes);
  };
  return [
    dx,
    () => g.sumAway(g.mul(dy, parts().xhat), axes),
    () => g.sumAway(dy, axes),
    isTraining ? null : () => g.neg(g.sumAway(dx(), axes)),
    isTraining ? null : dVariance,
  ];
};

/** InstanceNormalization: statistics of each channel of each sample. */
export const instanceNormalization: Rule = ({ g, node, inputs: [x, scale], dy }) => {
  const rank = x!.shape.length;
  const space = range(2, rank);
  const epsilon = floatAttribute(node, "epsilon", 1e-5);
  const parts = memo(() => normalize(g, x!, space, epsilon));
  const batchAndSpace = [0, ...space];
  return [
    () => throughStatistics(g, g.mul(dy, perChannel(g, scale!, rank)), parts(), space),
    () => g.sumAway(g.mul(dy, parts().xhat), batchAndSpace),
    () => g.sumAway(dy, batchAndSpace),
  ];
};

/** LayerNormalization over the axes from `axis` on. */
export const layerNormalization: Rule = ({ g, node, inputs: [x, scale, bias], dy }) => {
  const rank = x!.shape.length;
  const axis = intAttribute(node, "axis", -1);
  const axes = range(fromStart(axis, rank), rank);
  const parts = memo(() => normalize(g, x!, axes, floatAttribute(node, "epsilon", 1e-5)));
  return [
    () => throughStatistics(g, g.mul(dy, scale!), parts(), axes),
    () => g.sumTo(g.mul(dy, parts().xhat), scale!.shape),
    () => g.sumTo(dy, bias!.shape),
  ];
};

/** GroupNormalization: scale and bias a channel (opset 21), or a group of channels (opset 18). */
export const groupNormalization: Rule = ({ g, node, inputs: [x, scale], dy }) => {
  const [n, c, ...size] = x!.shape;
  const groups = intAttribute(node, "num_groups", 1);
  const apart = [n, groups, c / groups, ...size];
  const axes = range(2, apart.length);
  const epsilon = floatAttribute(node, "epsilon", 1e-5);
  const parts = memo(() => normalize(g, g.reshape(x!, apart), axes, epsilon));
  const dyApart = memo(() => g.reshape(dy, apart));
  const vector = [1, groups, g.opset >= 21 ? c / groups : 1, ...size.map(() => 1)];
  return [
    () => {
      const d = g.mul(dyApart(), g.reshape(scale!, vector));
      return g.reshape(throughStatistics(g, d, parts(), axes), x!.shape);
    },
    () => g.reshape(g.sumTo(g.mul(dyApart(), parts().xhat), vector), scale!.shape),
    () => g.reshape(g.sumTo(dyApart(), vector), scale!.shape),
  ];
};
