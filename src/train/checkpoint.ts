import { readSafetensors, Tensor, toTyped, writeSafetensors } from "../tensor/index.js";
import { bytesSource } from "../util/byte-source.js";
import { FormatError } from "../util/errors.js";
import type { EpochRecord } from "./events.js";
import type { State } from "./state.js";

const KIND = "groupconv checkpoint";
const VERSION = 1;
const BEST = "best/";

/** The best epoch so far, as early stopping counts. */
export interface Best {
  readonly epoch: number;
  readonly value: number;
  readonly groups: Readonly<Record<string, number>>;
  readonly state: State;
}

/**
 * All that training needs to go on where it stood. There is no state of a random generator in it: what is
 * drawn at a step is set by the seed and the number of the step.
 */
export interface Checkpoint {
  readonly seed: number;
  readonly batchSize: number;
  /** Epochs and steps of the next one that are done; 0 at the start of an epoch. */
  readonly epoch: number;
  readonly stepInEpoch: number;
  /** Steps done altogether. */
  readonly step: number;
  /** Sums over the steps of the epoch that has begun. */
  readonly running: { readonly loss: number; readonly counts: readonly (readonly number[])[] };
  /** Groups of each layer that the warm-up drives, by the layer's name. */
  readonly groups: Readonly<Record<string, number>>;
  readonly history: readonly EpochRecord[];
  readonly state: State;
  readonly best: Best | null;
}

/** A checkpoint as the bytes of a safetensors file, which other tools can read the weights of. */
export async function encodeCheckpoint(checkpoint: Checkpoint): Promise<Uint8Array> {
  const { state, best, ...rest } = checkpoint;
  const notes = { ...rest, best: best && { ...best, state: undefined } };
  const tensors = [
    ...state,
    ...[...(best?.state ?? [])].map(([name, tensor]) => [`${BEST}${name}`, tensor] as const),
  ];
  return writeSafetensors(tensors, [
    ["kind", KIND],
    ["version", String(VERSION)],
    ["training", JSON.stringify(notes)],
  ]);
}

/** @throws FormatError if the bytes are no checkpoint, or one of another version. */
export async function decodeCheckpoint(bytes: Uint8Array): Promise<Checkpoint> {
  const { tensors, metadata } = await readSafetensors(bytesSource(bytes));
  if (metadata.get("kind") !== KIND)
    throw new FormatError(
      "checkpoint: the file is a safetensors file, but no checkpoint of groupconv",
    );
  if (metadata.get("version") !== String(VERSION))
    throw new FormatError(
      `checkpoint: version=${metadata.get("version")} must be ${VERSION}; it was written by another groupconv`,
    );
  const state: State = new Map();
  const best: State = new Map();
  for (const [name, tensor] of tensors) {
    if (tensor.dtype !== "float32")
      throw new FormatError(`checkpoint: "${name}" is ${tensor.dtype}, not float32`);
    // A copy: the state is written to, the file's bytes are the caller's.
    const data = toTyped("float32", (await tensor.load()).slice());
    const [owner, key] = name.startsWith(BEST) ? [best, name.slice(BEST.length)] : [state, name];
    owner.set(key, new Tensor("float32", tensor.shape, data));
  }
  try {
    const notes = JSON.parse(metadata.get("training") ?? "");
    return { ...notes, state, best: notes.best && { ...notes.best, state: best } };
  } catch (cause) {
    throw new FormatError("checkpoint: its notes on the training are no JSON", { cause });
  }
}
