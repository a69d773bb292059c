import { readModel } from "../../../src/onnx/index.js";
import { Session, type Tensors } from "../../../src/runtime/index.js";
import { Tensor } from "../../../src/tensor/index.js";
import { oneByOne, type Part } from "./band-model.js";
import { noisySpeech } from "./noisy-speech.js";
import { type Spectrum, shortTimeSpectra } from "./spectrum.js";

export const DEEPFILTERNET_RATE = 48_000;
const FRAME = 960;
const HOP = 480;
const BANDS = 32;
/** Frequencies that are filtered one by one. */
const FILTERED = 96;
/** What a mean keeps of itself from one frame to the next: exp(-HOP / RATE), rounded as its authors do. */
const KEPT = 0.99;
/** Three seconds, as it was trained. */
const SEGMENT_FRAMES = 300;

/**
 * The encoder and both decoders of DeepFilterNet3. Features as its library makes them:
 * https://github.com/Rikorose/DeepFilterNet/blob/00ed64f/libDF/src/lib.rs
 * @param files `enc.onnx`, `df_dec.onnx` and `erb_dec.onnx`.
 */
export async function deepFilterNetParts(files: Map<string, Uint8Array>): Promise<Part[]> {
  const [encoder, filter, mask] = await Promise.all(
    ["enc.onnx", "df_dec.onnx", "erb_dec.onnx"].map((name) => readModel(files.get(name)!)),
  );
  const spectra = shortTimeSpectra(noisySpeech(DEEPFILTERNET_RATE), vorbisWindow(), HOP);
  const features = featuresOf(spectra);
  const session = await Session.create(encoder);
  const encoded: Tensors[] = [];
  try {
    for (const segment of features) encoded.push(await session.run(segment));
  } finally {
    await session.release();
  }
  const pick = (names: readonly string[]) =>
    encoded.map((values) => Object.fromEntries(names.map((name) => [name, values[name]])));
  const source = "noisy speech";
  return [
    { model: encoder, data: oneByOne(source, features) },
    { model: filter, data: oneByOne(source, pick(["emb", "c0"])) },
    { model: mask, data: oneByOne(source, pick(["emb", "e3", "e2", "e1", "e0"])) },
  ];
}

function vorbisWindow(): Float64Array {
  return Float64Array.from({ length: FRAME }, (_, i) => {
    const sine = Math.sin((Math.PI * (i + 0.5)) / FRAME);
    return Math.sin((Math.PI / 2) * sine ** 2);
  });
}

/** `feat_erb` [1, 1, S, 32] and `feat_spec` [1, 2, S, 96] of each segment of S frames; what is left over is dropped. */
function featuresOf(spectra: readonly Spectrum[]): Tensors[] {
  const widths = bandWidths(DEEPFILTERNET_RATE, FRAME, BANDS);
  const between = (from: number, to: number, count: number) =>
    Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
  const meanLevels = between(-60, -90, BANDS);
  const meanSizes = between(0.001, 0.0001, FILTERED);
  const scale = HOP / FRAME / vorbisWindow().reduce((sum, weight) => sum + weight ** 2, 0);
  const segments: Tensors[] = [];
  for (let first = 0; first + SEGMENT_FRAMES <= spectra.length; first += SEGMENT_FRAMES) {
    const erb = new Float32Array(SEGMENT_FRAMES * BANDS);
    const spec = new Float32Array(2 * SEGMENT_FRAMES * FILTERED);
    for (let s = 0; s < SEGMENT_FRAMES; s++) {
      const { re, im } = spectra[first + s];
      let from = 0;
      for (const [band, width] of widths.entries()) {
        let power = 0;
        for (let f = from; f < from + width; f++) power += (re[f] ** 2 + im[f] ** 2) / width;
        from += width;
        const level = 10 * Math.log10(power * scale ** 2 + 1e-10);
        meanLevels[band] = level * (1 - KEPT) + meanLevels[band] * KEPT;
        erb[s * BANDS + band] = (level - meanLevels[band]) / 40;
      }
      for (let f = 0; f < FILTERED; f++) {
        meanSizes[f] = scale * Math.hypot(re[f], im[f]) * (1 - KEPT) + meanSizes[f] * KEPT;
        const unit = scale / Math.sqrt(meanSizes[f]);
        spec[s * FILTERED + f] = re[f] * unit;
        spec[(SEGMENT_FRAMES + s) * FILTERED + f] = im[f] * unit;
      }
    }
    segments.push({
      feat_erb: new Tensor("float32", [1, 1, SEGMENT_FRAMES, BANDS], erb),
      feat_spec: new Tensor("float32", [1, 2, SEGMENT_FRAMES, FILTERED], spec),
    });
  }
  return segments;
}

/** Frequencies in each band: evenly spread on the scale of equivalent rectangular bandwidths, two at least. */
export function bandWidths(rate: number, frame: number, bands: number): number[] {
  const scale = 24.7 * 9.265;
  const highest = 9.265 * Math.log1p(rate / 2 / scale);
  const widths: number[] = [];
  let [before, ahead] = [0, 0]; // `ahead`: frequencies taken from the next bands
  for (let band = 1; band <= bands; band++) {
    const hertz = scale * Math.expm1((highest * band) / bands / 9.265);
    const upTo = Math.round((hertz * frame) / rate);
    const width = upTo - before - ahead;
    widths.push(Math.max(2, width));
    ahead = Math.max(0, 2 - width);
    before = upTo;
  }
  widths[bands - 1] += frame / 2 + 1 - widths.reduce((sum, width) => sum + width, 0);
  return widths;
}
