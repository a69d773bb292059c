import type { Value } from "../../graph/index.js";
import { UsageError } from "../../util/errors.js";
import { Conv2d } from "../layers/conv2d.js";
import { Module, type ModuleBuilder } from "../module.js";

export interface TunableGroupConvOptions {
  /** Defaults to 1. */
  groups?: number;
  /** What the 1x1 branch is multiplied by before it is added. Defaults to 0.3. */
  auxScale?: number;
}

/**
 * S20: a 3x3 convolution whose group count changes while it trains, and a dense 1x1 branch that keeps the
 * groups in touch: `conv(x) + 0.3 * auxConv(x)`. `[N, inChannels, H, W]` -> `[N, outChannels, H, W]`.
 *
 * @throws ShapeError if `groups` does not divide both channel counts.
 * @throws UsageError if `auxScale` is no finite number.
 */
export class TunableGroupConv extends Module {
  readonly auxScale: number;
  conv: Conv2d;
  readonly auxConv: Conv2d;

  constructor(
    readonly inChannels: number,
    readonly outChannels: number,
    options: TunableGroupConvOptions = {},
  ) {
    super();
    const { groups = 1, auxScale = 0.3 } = options;
    if (!Number.isFinite(auxScale))
      throw new UsageError(`TunableGroupConv: auxScale=${auxScale} must be a finite number`);
    this.auxScale = auxScale;
    this.conv = new Conv2d(inChannels, outChannels, 3, { padding: 1, groups });
    this.auxConv = new Conv2d(inChannels, outChannels, 1);
  }

  get groups(): number {
    return this.conv.groups;
  }

  /**
   * Puts a convolution with other groups in the place of `conv`. It starts without values, as the seed has
   * it; training can carry over what was learned, see `groupWarmup` of `fit`.
   *
   * @throws ShapeError if `groups` does not divide both channel counts.
   */
  setGroups(groups: number): void {
    const { inChannels, outChannels } = this;
    this.conv = new Conv2d(inChannels, outChannels, 3, { padding: 1, groups });
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const aux = g.op("Mul", [g.call(this.auxConv, x), g.scalar(this.auxScale)]);
    return g.op("Add", [g.call(this.conv, x), aux]);
  }
}
