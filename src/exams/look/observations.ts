import { type Tensor, toFloat64 } from "../../tensor/index.js";
import { product, sum } from "../../util/math.js";
import type { Room } from "./room.js";

/** Values of a layer, in float32: `[samples, channels, positions]`. */
export interface Observations {
  readonly data: Float32Array;
  readonly samples: number;
  readonly channels: number;
  readonly positions: number;
}

/**
 * Several batches of one value, `[N, C, ...size]`, as one.
 *
 * @param room Where they are joined. One batch of float32 stays where it is.
 */
export function joinBatches(batches: readonly Tensor[], room: Room): Observations {
  const [, channels, ...size] = batches[0].shape;
  const samples = sum(batches.map(({ shape }) => shape[0]));
  const positions = product(size);
  if (batches.length === 1 && batches[0].dtype === "float32")
    return { data: batches[0].data as Float32Array, samples, channels, positions };
  const data = room.take(samples * channels * positions);
  let start = 0;
  for (const { dtype, data: own, bytes, size: length } of batches) {
    data.set(dtype === "float32" ? (own as Float32Array) : toFloat64(dtype, bytes, length), start);
    start += length;
  }
  return { data, samples, channels, positions };
}

/** The first half of the samples and the rest. */
export function halvesOf(observations: Observations): Observations[] {
  const { data, samples, channels, positions } = observations;
  if (samples < 2) return [observations];
  const first = Math.ceil(samples / 2);
  const end = first * channels * positions;
  return [
    { ...observations, data: data.subarray(0, end), samples: first },
    { ...observations, data: data.subarray(end), samples: samples - first },
  ];
}

/** Squares of smaller numbers are zero in float32. */
const TINY = 2 ** -75;

/**
 * Writes zeros over the channels of a sample whose squares are zero anyway: processors take a hundred times as
 * long over such numbers, and networks in production have them.
 */
export function clearTinyChannels({ data, samples, channels, positions }: Observations): void {
  const rows = samples * channels;
  for (let row = 0; row < rows; row++) {
    const start = row * positions;
    const end = start + positions;
    let at = start;
    // The first value that is not tiny ends it: that is the first of almost every channel.
    while (at < end && Math.abs(data[at]) < TINY) at++;
    if (at === end) data.fill(0, start, end);
  }
}
