import { full } from "../tensor/index.js";
import type { Init } from "./param.js";

/**
 * Kaiming (He) uniform, which keeps the variance through a ReLU: ±sqrt(6 / fanIn), variance 2 / fanIn.
 *
 * `fanIn` is how many inputs one output really sees: of a convolution with G groups,
 * inChannels / G * kh * kw. Source: https://arxiv.org/abs/1502.01852, equation 10.
 */
export function kaimingUniform(fanIn: number): Init {
  return uniform(Math.sqrt(6 / fanIn));
}

/** Even between `-bound` and `bound`. */
export function uniform(bound: number): Init {
  return (rng, shape) => rng.uniform(shape, -bound, bound);
}

/** The same number everywhere. */
export function constant(value: number): Init {
  return (_, shape) => full(shape, value);
}
