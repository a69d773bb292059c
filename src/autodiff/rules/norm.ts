import { floatAttribute, intAttribute } from "../../graph/index.js";
import { product, range } from "../../util/math.js";
import type { GradientBuilder } from "../gradient-builder.js";
import { memo } from "../memo.js";
import type { Rule, RuleContext } from "../rule.js";
import type { Term } from "../term.js";
import { fromStart } from "./axis.js";
import { affine, dotTo, perChannel } from "./one-pass.js";

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

/**
 * BatchNormalization. In training (`training_mode=1`) the statistics are the batch's; in inference they are
 * inputs of their own.
 */
export const batchNormalization: Rule = (context) =>
  intAttribute(context.node, "training_mode", 0) === 1
    ? batchStatistics(context)
    : givenStatistics(context);

/**
 * dx = scale / std (dy - mean(dy) - xhat mean(dy xhat)), with dscale = sum(dy xhat) and dbias = sum(dy): with
 * sums known, dx is a number a channel times dy, and one times xhat.
 */
function batchStatistics(context: RuleContext) {
  const {
    g,
    inputs: [x, scale],
    dy,
  } = context;
  const [n, c, ...size] = x!.shape;
  const count = n * product(size);
  const dBias = memo(() => g.sumAway(dy, [0, ...range(2, size.length + 2)]));
  const normalized = memo(() => knownBatch(context) ?? normalizeBatch(context, dBias()));
  const dScale = memo(() => dotTo(g, dy, normalized().xhat, [c, ...size.map(() => 1)]));
  return [
    () => {
      const { xhat, std } = normalized();
      const factor = g.div(scale!, std);
      const share = g.div(factor, -count);
      const along = g.mul(share, g.reshape(dScale(), [c]));
      const through = affine(g, xhat, along, g.mul(share, dBias()));
      return affine(g, dy, factor, null, through);
    },
    () => g.reshape(dScale(), [c]),
    dBias,
    null,
    null,
  ];
}

/** With `momentum=0` the running statistics that the node gives out are the batch's. */
function knownBatch({ g, node, inputs: [x], outputs }: RuleContext): Normalized | null {
  const [, mean, variance] = outputs;
  if (!mean || !variance || floatAttribute(node, "momentum", 0.9) !== 0) return null;
  const std = g.unary("Sqrt", g.add(variance, floatAttribute(node, "epsilon", 1e-5)));
  const inverse = g.unary("Reciprocal", std);
  return { xhat: affine(g, x!, inverse, g.neg(g.mul(mean, inverse))), std };
}

/**
 * The batch norm again, without scale and bias, and its statistics: as running ones of which nothing old is
 * kept. ONNX Runtime 1.30 writes them into the memory of the old ones, so those are two vectors that nobody
 * else reads and that it does not make one, as it does with equal nodes.
 */
function normalizeBatch({ g, node, inputs: [x] }: RuleContext, own: Term): Normalized {
  const c = [x!.shape[1]];
  const epsilon = floatAttribute(node, "epsilon", 1e-5);
  const inputs = [x!, g.full(c, 1), g.full(c, 0), g.mul(own, 0), g.sub(own, own)];
  const attributes = {
    training_mode: 1,
    epsilon: { type: "float", value: epsilon },
    momentum: { type: "float", value: 0 },
  } as const;
  const [xhat, , variance] = g.ops("BatchNormalization", inputs, attributes, [x!.shape, c, c]);
  return { xhat, std: g.unary("Sqrt", g.add(variance, epsilon)) };
}

/** dx = dy scale / std, dmean = -sum(dx), dvariance = -sum(dx xhat) / (2 std) */
function givenStatistics({ g, node, inputs: [x, scale, , mean, variance], dy }: RuleContext) {
  const axes = range(x!.shape.length).filter((axis) => axis !== 1);
  const epsilon = floatAttribute(node, "epsilon", 1e-5);
  const std = memo(() => g.unary("Sqrt", g.add(perChannel(g, variance!, x!), epsilon)));
  const xhat = memo(() => g.div(g.sub(x!, perChannel(g, mean!, x!)), std()));
  const dx = memo(() => g.div(g.mul(dy, perChannel(g, scale!, x!)), std()));
  return [
    dx,
    () => g.sumAway(g.mul(dy, xhat()), axes),
    () => g.sumAway(dy, axes),
    () => g.neg(g.sumAway(dx(), axes)),
    () => g.sumAway(g.div(g.mul(g.mul(dx(), xhat()), -0.5), std()), axes),
  ];
}

/** InstanceNormalization: statistics of each channel of each sample. */
export const instanceNormalization: Rule = ({ g, node, inputs: [x, scale], dy }) => {
  const rank = x!.shape.length;
  const space = range(2, rank);
  const epsilon = floatAttribute(node, "epsilon", 1e-5);
  const parts = memo(() => normalize(g, x!, space, epsilon));
  const batchAndSpace = [0, ...space];
  return [
    () => throughStatistics(g, g.mul(dy, perChannel(g, scale!, x!)), parts(), space),
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
