/** Values of a layer, in float32: `[samples, channels, positions]`. */
export interface Observations {
  readonly data: Float32Array;
  readonly samples: number;
  readonly channels: number;
  readonly positions: number;
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
