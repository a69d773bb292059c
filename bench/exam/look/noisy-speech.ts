import { Rng } from "../../../src/tensor/index.js";
import { openWheel, type Wheel } from "./wheel.js";

/** Spoken sentences in ten languages, MIT; it does not say who or what speaks. */
export const spokenSentences: Wheel = {
  name: "pytest-audioeval",
  version: "0.1.3",
  sha256: "8b97369347232d43180dd9860189c547ccc8dedb42b7c21d511ddc5a05ef7ecc",
};

const SPOKEN_AT = 16_000;
const PAUSE_SECONDS = 0.25;
/** Of the speech, pauses included, over the noise. */
const SIGNAL_TO_NOISE_DB = 5;

/**
 * All sentences one after the other, in pink noise drawn here.
 * @param rate Samples a second: 16000, or a multiple.
 */
export function noisySpeech(rate: number): Float32Array {
  const pause = new Float32Array(SPOKEN_AT * PAUSE_SECONDS);
  const spoken = [...openWheel(spokenSentences)]
    .filter(([name]) => name.endsWith(".wav"))
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, bytes]) => [floatSamples(name, bytes), pause]);
  const speech = upsample(join(spoken), rate / SPOKEN_AT);
  const noise = pinkNoise(speech.length);
  const gain = Math.sqrt(power(speech) / power(noise) / 10 ** (SIGNAL_TO_NOISE_DB / 10));
  return speech.map((value, i) => value + gain * noise[i]);
}

/** Of a WAV file of one channel in float32. */
function floatSamples(name: string, bytes: Uint8Array): Float32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const found = new Map<string, DataView>();
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    const id = String.fromCharCode(...bytes.subarray(at, at + 4));
    found.set(id, new DataView(bytes.buffer, bytes.byteOffset + at + 8, size));
    at += 8 + size + (size % 2);
  }
  const [format, data] = [found.get("fmt ")!, found.get("data")!];
  const is = [format.getUint16(0, true), format.getUint16(2, true), format.getUint32(4, true)];
  if (`${is}` !== `3,1,${SPOKEN_AT}`) throw new Error(`${name}: format,channels,rate=${is}`);
  return Float32Array.from({ length: data.byteLength / 4 }, (_, i) => data.getFloat32(4 * i, true));
}

function join(pieces: readonly Float32Array[]): Float32Array {
  const joined = new Float32Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}

/** By a sinc of 16 zero crossings a side under Hann's window: nothing comes above the old half rate. */
function upsample(samples: Float32Array, times: number): Float32Array {
  if (times === 1) return samples;
  const reach = 16;
  return Float32Array.from({ length: samples.length * times }, (_, i) => {
    const centre = Math.floor(i / times);
    let sum = 0;
    for (let k = Math.max(0, centre - reach); k <= centre + reach && k < samples.length; k++) {
      const t = Math.PI * (i / times - k);
      if (Math.abs(t) < Math.PI * reach)
        sum += samples[k] * (t === 0 ? 1 : Math.sin(t) / t) * (0.5 + 0.5 * Math.cos(t / reach));
    }
    return sum;
  });
}

/** Voss's: white noises of half the rate each, held between their draws. */
function pinkNoise(length: number): Float32Array {
  const octaves = 12;
  const rng = new Rng(5);
  const white = Array.from(
    { length: octaves },
    (_, octave) => rng.fork(`octave ${octave}`).normal([Math.ceil(length / 2 ** octave)]).data,
  );
  return Float32Array.from({ length }, (_, i) =>
    white.reduce((sum, values, octave) => sum + values[i >> octave], 0),
  );
}

function power(samples: Float32Array): number {
  return samples.reduce((sum, value) => sum + value ** 2, 0) / samples.length;
}
