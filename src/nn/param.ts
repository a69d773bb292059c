import { type LazyTensor, type Rng, sameShape, type Tensor } from "../tensor/index.js";
import { ShapeError } from "../util/errors.js";

/** Draws the first values of a parameter. */
export type Init = (rng: Rng, shape: readonly number[]) => Tensor<"float32">;

/**
 * A tensor that a module owns: a parameter, which gradients change, or a buffer, which only keeps count
 * (the running statistics of a batch norm).
 */
export class Param {
  #value: LazyTensor | null = null;

  constructor(
    readonly shape: readonly number[],
    readonly init: Init,
    readonly kind: "parameter" | "buffer" = "parameter",
  ) {}

  /** What training or a file put here, as float32. `null` at first: then a build draws from its seed. */
  get value(): LazyTensor | null {
    return this.#value;
  }

  /** @throws ShapeError if the tensor has another shape or another type. */
  set value(value: LazyTensor | null) {
    if (value) this.check(value);
    this.#value = value;
  }

  /** @throws ShapeError, led by `name`, if the tensor cannot be the value. */
  check(value: LazyTensor, name = "Param"): void {
    if (value.dtype !== "float32" || !sameShape(value.shape, this.shape))
      throw new ShapeError(
        `${name}: value=${value.dtype} [${value.shape}] must be float32 [${this.shape}]`,
      );
  }
}
