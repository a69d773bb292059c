import { tensor } from "../tensor/index.js";
import { ShapeError } from "../util/errors.js";
import { product } from "../util/math.js";
import { printable } from "../util/text.js";
import type { Column } from "./exam-data.js";
import type { ImagePreset } from "./image-preset.js";
import { type ModelInput, printDims } from "./model-input.js";

/** What the pictures for an input must be. */
export interface ImageFormat {
  readonly channels: 1 | 3;
  readonly height: number;
  readonly width: number;
  readonly layout: "NCHW" | "NHWC";
}

/**
 * What an input wants pictures to be: as the model fixes it, else as `size` and `layout` say.
 *
 * @throws ShapeError when the input takes no pictures, or not of that layout.
 */
export function imageFormat(
  { name, dims }: ModelInput,
  size: readonly [height: number, width: number],
  layout?: "NCHW" | "NHWC",
): ImageFormat {
  const where = `pictures for input "${printable(name)}"`;
  if (dims.length !== 4)
    throw new ShapeError(
      `${where}: the model's ${printDims(dims)} must have 4 axes, samples, channels, height and width`,
    );
  const isColour = (axis: number) => dims[axis] === 1 || dims[axis] === 3;
  const found = layout ?? (isColour(3) && !isColour(1) ? "NHWC" : "NCHW");
  const [c, h, w] = found === "NCHW" ? [1, 2, 3] : [3, 1, 2];
  const other = c === 1 ? 3 : 1;
  if (typeof dims[c] !== "number" && isColour(other))
    throw new ShapeError(
      `${where}: layout=${found} does not fit the model's ${printDims(dims)}, which has its channels at axis ${other}`,
    );
  const channels = typeof dims[c] === "number" ? dims[c] : 3;
  if (channels !== 1 && channels !== 3)
    throw new ShapeError(`${where}: channels=${channels} of ${printDims(dims)} must be 1 or 3`);
  const [height, width] = [h, w].map((axis, i) =>
    typeof dims[axis] === "number" ? dims[axis] : size[i],
  );
  return { channels, height, width, layout: found };
}

/** Shape of one sample. */
export function sampleShapeOf({ channels, height, width, layout }: ImageFormat): number[] {
  return layout === "NCHW" ? [channels, height, width] : [height, width, channels];
}

/** Decoded pictures, red first. */
export interface Pictures {
  readonly count: number;
  readonly heldBytes: number;
  /** `[height, width, channels]`, 0 to 255. */
  pixels(index: number): Promise<Uint8Array>;
}

export function imageColumn(
  pictures: Pictures,
  format: ImageFormat,
  { scale, mean, std, order }: ImagePreset,
): Column {
  const { channels, height, width, layout } = format;
  const sampleShape = sampleShapeOf(format);
  const area = height * width;
  return {
    samples: pictures.count,
    sampleShape,
    heldBytes: pictures.heldBytes,
    async slice(start, end) {
      const each = product(sampleShape);
      const numbers = new Float32Array(each * (end - start));
      for (let sample = start; sample < end; sample++) {
        const pixels = await pictures.pixels(sample);
        for (let channel = 0; channel < channels; channel++) {
          const source = order === "bgr" ? channels - 1 - channel : channel;
          const to = (sample - start) * each;
          const [offset, gain] = [mean[channel % mean.length], std[channel % std.length]];
          for (let i = 0; i < area; i++) {
            const at = layout === "NCHW" ? channel * area + i : i * channels + channel;
            numbers[to + at] = (pixels[source + i * channels] * scale - offset) / gain;
          }
        }
      }
      return tensor(numbers, [end - start, ...sampleShape]);
    },
  };
}
