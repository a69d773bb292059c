import { survey } from "../analysis/index.js";
import type { Model } from "../graph/index.js";
import { isFloat, Rng, tensor } from "../tensor/index.js";
import { UsageError } from "../util/errors.js";
import { product } from "../util/math.js";
import { printable } from "../util/text.js";
import { type Column, dataFromColumns, type ExamData } from "./exam-data.js";
import { type ModelInput, modelInputs } from "./model-input.js";
import { octaveNoise } from "./octave-noise.js";

export interface SyntheticDataOptions {
  /** Defaults to 0. */
  readonly seed?: number;
  /** Defaults to 8, or to one batch where the model fixes a larger one. */
  readonly samples?: number;
  /** Shapes of inputs the file leaves open, by name; their first axis is not read. */
  readonly inputShapes?: Readonly<Record<string, readonly number[]>>;
  /** See `ColumnsOptions`. */
  readonly batchSize?: number;
  /** See `ColumnsOptions`. */
  readonly memoryBytes?: number;
}

const DEFAULT_SAMPLES = 8;
/** What the channels of a picture share of their variance; red, green and blue of photographs share most. */
const SHARED = 0.9;
/** The last axis holds the channels where it is no longer than this and the second axis is. */
const MOST_COLOURS = 4;

/**
 * Seeded 1/f noise for a model's inputs, for want of a person's data: pictures with the statistics of
 * natural ones and without their content. Mean 0 and variance 1; 8-bit inputs get mean 128, deviation 48.
 *
 * @throws UsageError for inputs that are no pictures or signals, such as token numbers.
 */
export async function syntheticData(
  model: Model,
  options: SyntheticDataOptions = {},
): Promise<ExamData> {
  const { seed = 0, inputShapes = {}, batchSize, memoryBytes } = options;
  const inputs = modelInputs(model);
  for (const { name, isShared } of inputs)
    if (isShared)
      throw new UsageError(
        `synthetic data: input "${printable(name)}" is one value for all samples, such as a weight, and no picture; give data for every input`,
      );
  const fixed = Math.max(0, ...inputs.map((input) => input.batchSize ?? 0));
  const { samples = Math.max(DEFAULT_SAMPLES, fixed) } = options;
  if (!Number.isSafeInteger(samples) || samples < 1)
    throw new UsageError(`synthetic data: samples=${samples} must be a whole number from 1`);
  const rng = new Rng(seed);
  const bound = (await survey(model, { inputShapes })).inputs;
  const columns = inputs.map((input) => {
    const shape = bound.find(({ name }) => name === input.name)?.shape ?? [];
    return [input.name, noiseColumn(input, shape.slice(1), samples, rng.fork(input.name))] as const;
  });
  const source = "synthetic 1/f noise";
  return dataFromColumns(model, Object.fromEntries(columns), {
    source,
    seed,
    batchSize,
    memoryBytes,
  });
}

function noiseColumn(
  { name, dtype }: ModelInput,
  sampleShape: readonly number[],
  samples: number,
  rng: Rng,
): Column {
  if ((!isFloat(dtype) && dtype !== "uint8") || sampleShape.length < 1 || sampleShape.length > 3)
    throw new UsageError(
      `synthetic data: input "${printable(name)}" (${dtype}, rank=${sampleShape.length + 1}) is no picture or signal; give data for it`,
    );
  const layout = layoutOf(sampleShape);
  return {
    samples,
    sampleShape,
    heldBytes: 0,
    async slice(start, end) {
      const each = product(sampleShape);
      const numbers = new Float32Array(each * (end - start));
      for (let sample = start; sample < end; sample++)
        drawSample(
          rng.fork(`sample ${sample}`),
          layout,
          numbers.subarray((sample - start) * each, (sample - start + 1) * each),
        );
      const shape = [end - start, ...sampleShape];
      if (dtype !== "uint8") return tensor(numbers, shape);
      return tensor(
        Uint8ClampedArray.from(numbers, (value) => 128 + 48 * value),
        shape,
        "uint8",
      );
    },
  };
}

interface Layout {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  readonly channelsLast: boolean;
}

/** `[C, H, W]`, `[H, W, C]`, `[C, L]` or `[L]`. */
function layoutOf(shape: readonly number[]): Layout {
  if (shape.length === 1) return { channels: 1, height: 1, width: shape[0], channelsLast: false };
  if (shape.length === 2)
    return { channels: shape[0], height: 1, width: shape[1], channelsLast: false };
  const channelsLast = shape[2] <= MOST_COLOURS && shape[0] > MOST_COLOURS;
  const [channels, height, width] = channelsLast ? [shape[2], shape[0], shape[1]] : shape;
  return { channels, height, width, channelsLast };
}

/** One sample: a picture all channels share, and one of each channel's own. */
function drawSample(rng: Rng, layout: Layout, into: Float32Array): void {
  const { channels, height, width, channelsLast } = layout;
  const shared = octaveNoise(rng, height, width);
  const [own, common] = channels === 1 ? [0, 1] : [Math.sqrt(1 - SHARED), Math.sqrt(SHARED)];
  for (let channel = 0; channel < channels; channel++) {
    const picture = channels === 1 ? shared : octaveNoise(rng, height, width);
    for (let i = 0; i < picture.length; i++) {
      const at = channelsLast ? i * channels + channel : channel * picture.length + i;
      into[at] = common * shared[i] + own * picture[i];
    }
  }
}
