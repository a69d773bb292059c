import { type Rng, Tensor } from "../../tensor/index.js";
import { describeCall } from "../../util/describe-call.js";
import { UsageError } from "../../util/errors.js";
import type { Batch } from "./dataset.js";

/** Changes a batch of training examples, a little and at random. */
export interface Augmentation {
  (batch: Batch, rng: Rng): Batch;
  /** Name and options, which a resumed training must find again. Defaults to the function's name. */
  readonly recipe?: string;
}

/** One after the other. */
export function augmentAll(...steps: readonly Augmentation[]): Augmentation {
  return named(steps.map((step) => step.recipe ?? step.name).join(" + "), (batch, rng) =>
    steps.reduce((changed, step) => step(changed, rng), batch),
  );
}

/** Mirrors about half of the pictures `[N, C, H, W]` left to right. Targets stay as they are. */
export function randomFlip(): Augmentation {
  return mapPictures("randomFlip()", (from, to, width, _height, rng) => {
    const flips = rng.float() < 0.5;
    for (let row = 0; row < from.length; row += width)
      for (let x = 0; x < width; x++) to[row + x] = from[row + (flips ? width - 1 - x : x)];
  });
}

/** Moves each picture by up to `pixels` along both axes; what comes in is 0. Targets stay as they are. */
export function randomShift(pixels: number): Augmentation {
  if (!(Number.isInteger(pixels) && pixels >= 0))
    throw new UsageError(`randomShift: pixels=${pixels} must be a whole number of at least 0`);
  return mapPictures(describeCall("randomShift", { pixels }), (from, to, width, height, rng) => {
    const [dx, dy] = [rng.integer(-pixels, pixels + 1), rng.integer(-pixels, pixels + 1)];
    for (let plane = 0; plane < from.length; plane += width * height)
      for (let y = Math.max(0, dy); y < Math.min(height, height + dy); y++)
        for (let x = Math.max(0, dx); x < Math.min(width, width + dx); x++)
          to[plane + y * width + x] = from[plane + (y - dy) * width + (x - dx)];
  });
}

function named(recipe: string, augment: Augmentation): Augmentation {
  return Object.assign(augment, { recipe });
}

function mapPictures(
  recipe: string,
  change: (from: Float32Array, to: Float32Array, width: number, height: number, rng: Rng) => void,
): Augmentation {
  return named(recipe, ({ input, targets }, rng) => {
    const [count] = input.shape;
    const [height, width] = input.shape.slice(-2);
    const size = input.data.length / count;
    const data = new Float32Array(input.data.length);
    for (let start = 0; start < data.length; start += size)
      change(
        input.data.subarray(start, start + size),
        data.subarray(start, start + size),
        width,
        height,
        rng,
      );
    return { input: new Tensor("float32", input.shape, data), targets };
  });
}
