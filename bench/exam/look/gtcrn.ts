import type { Model } from "../../../src/graph/index.js";
import { Session, type Tensors } from "../../../src/runtime/index.js";
import { Tensor } from "../../../src/tensor/index.js";
import { oneByOne, type Part } from "./band-model.js";
import { noisySpeech } from "./noisy-speech.js";
import { shortTimeSpectra } from "./spectrum.js";

export const GTCRN_RATE = 16_000;
const FRAME = 512;
const HOP = 256;
/** Frames that are run for one that is looked at: neighbours say the same. */
const EVERY = 4;

/** GTCRN frame by frame: what it carries from one to the next goes back in, as in a stream. */
export async function gtcrnParts(model: Model): Promise<Part[]> {
  // The square root of Hann's window, as its authors prepare sound.
  const window = Float64Array.from({ length: FRAME }, (_, i) => Math.sin((Math.PI * i) / FRAME));
  const spectra = shortTimeSpectra(noisySpeech(GTCRN_RATE), window, HOP);
  const session = await Session.create(model);
  const looked: Tensors[] = [];
  try {
    let carried: Tensors = Object.fromEntries(
      session.inputs
        .filter(({ name }) => name !== "mix")
        .map(({ name, shape }) => [name, zeros(shape.map(Number))]),
    );
    for (const [frame, { re, im }] of spectra.entries()) {
      const mix = Float32Array.from({ length: 2 * re.length }, (_, i) => (i % 2 ? im : re)[i >> 1]);
      const feeds = { mix: new Tensor("float32", [1, re.length, 1, 2], mix), ...carried };
      if (frame % EVERY === EVERY - 1) looked.push(feeds);
      const outputs = await session.run(feeds);
      carried = Object.fromEntries(
        Object.keys(carried).map((name) => [name, outputs[`${name}_out`]]),
      );
    }
  } finally {
    await session.release();
  }
  return [{ model, data: oneByOne("frames of noisy speech", looked) }];
}

function zeros(shape: readonly number[]): Tensor<"float32"> {
  return new Tensor("float32", shape, new Float32Array(shape.reduce((a, b) => a * b, 1)));
}
