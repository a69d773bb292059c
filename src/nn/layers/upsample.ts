import type { Value } from "../../graph/index.js";
import { tensor } from "../../tensor/index.js";
import { UsageError } from "../../util/errors.js";
import { pair } from "../../util/math.js";
import { Module, type ModuleBuilder } from "../module.js";
import type { Size2 } from "../options.js";

export interface UpsampleOptions {
  /** Defaults to `nearest`. */
  mode?: "nearest" | "bilinear";
  /** Of `bilinear`: corner pixels keep their values, instead of corner areas. Defaults to false. */
  alignCorners?: boolean;
}

/** Resizes `[N, C, H, W]` to `[N, C, floor(H * scale), floor(W * scale)]`, as PyTorch's Upsample does. */
export class Upsample extends Module {
  readonly scale: readonly [number, number];
  readonly mode: "nearest" | "bilinear";
  readonly alignCorners: boolean;

  constructor(scale: Size2, options: UpsampleOptions = {}) {
    super();
    const { mode = "nearest", alignCorners = false } = options;
    this.scale = pair(scale);
    for (const factor of this.scale)
      if (!(factor > 0 && Number.isFinite(factor)))
        throw new UsageError(`Upsample: scale=${factor} must be greater than 0`);
    if (alignCorners && mode === "nearest")
      throw new UsageError("Upsample: alignCorners=true must go with mode=bilinear");
    this.mode = mode;
    this.alignCorners = alignCorners;
  }

  forward(g: ModuleBuilder, x: Value): Value {
    const scales = g.constant(tensor([1, 1, ...this.scale], [4]));
    const bilinear = this.alignCorners ? "align_corners" : "pytorch_half_pixel";
    return g.op("Resize", [x, null, scales], {
      mode: this.mode === "nearest" ? "nearest" : "linear",
      coordinate_transformation_mode: this.mode === "nearest" ? "asymmetric" : bilinear,
      nearest_mode: this.mode === "nearest" ? "floor" : undefined,
    });
  }
}
