import * as z from "zod"; // the named import `z` would bring every language of its messages along
import { readSafetensors, Tensor, toTyped, writeSafetensors } from "../tensor/index.js";
import { bytesSource } from "../util/byte-source.js";
import { FormatError } from "../util/errors.js";
import { printable } from "../util/text.js";
import type { EpochRecord } from "./events.js";
import type { State } from "./state.js";
import type { Terms } from "./terms.js";

const KIND = "groupconv checkpoint";
const VERSION = 2;
/** No network has a parameter of such a name. */
const BEST = "#best/";

/** The best epoch so far, as early stopping counts. */
export interface Best {
  readonly epoch: number;
  /** What was compared, and what it was. */
  readonly monitor: string;
  readonly value: number;
  readonly groups: Readonly<Record<string, number>>;
  readonly state: State;
}

/**
 * All that training needs to go on where it stood. There is no state of a random generator in it: what is
 * drawn at a step is set by the seed and the number of the step.
 */
export interface Checkpoint {
  readonly terms: Terms;
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

const count = z.int().min(0);
/** JSON has no NaN. */
const measured = z
  .number()
  .nullable()
  .transform((value) => value ?? Number.NaN);
const groups = z.record(z.string(), z.int().min(1));
const evaluation = z.object({ loss: measured, metrics: z.record(z.string(), measured) });
const notesSchema = z.object({
  terms: z.object({
    fixed: z.object({
      seed: z.int(),
      batchSize: count,
      accumulate: count,
      examples: count,
      optimizer: z.string(),
      loss: z.string(),
      metrics: z.string(),
      augment: z.string(),
      groupWarmup: z.string(),
    }),
    free: z.object({
      epochs: count,
      lr: z.number(),
      schedule: z.string(),
      clipNorm: z.number().nullable(),
      averageDecay: z.number().nullable(),
    }),
  }),
  epoch: count,
  stepInEpoch: count,
  step: count,
  running: z.object({ loss: z.number(), counts: z.array(z.array(z.number())) }),
  groups,
  history: z.array(
    z.object({
      epoch: count,
      step: count,
      train: evaluation,
      validation: evaluation.nullable(),
      lr: z.number(),
      groups,
      durationMs: z.number(),
    }),
  ),
  best: z.object({ epoch: count, monitor: z.string(), value: measured, groups }).nullable(),
});

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
      `checkpoint: version=${printable(metadata.get("version") ?? "none")} must be ${VERSION}; it was written by another groupconv`,
    );
  const state: State = new Map();
  const best: State = new Map();
  for (const [name, tensor] of tensors) {
    if (tensor.dtype !== "float32")
      throw new FormatError(`checkpoint: "${printable(name)}" is ${tensor.dtype}, not float32`);
    // A copy: the state is written to, the file's bytes are the caller's.
    const data = toTyped("float32", (await tensor.load()).slice());
    const [owner, key] = name.startsWith(BEST) ? [best, name.slice(BEST.length)] : [state, name];
    owner.set(key, new Tensor("float32", tensor.shape, data));
  }
  const notes = readNotes(metadata.get("training") ?? "");
  return { ...notes, state, best: notes.best && { ...notes.best, state: best } };
}

function readNotes(json: string): z.infer<typeof notesSchema> {
  let notes: unknown;
  try {
    notes = JSON.parse(json);
  } catch (cause) {
    throw new FormatError("checkpoint: its notes on the training are no JSON", { cause });
  }
  const { data, error } = notesSchema.safeParse(notes);
  if (data) return data;
  const [{ path, message }] = error.issues;
  throw new FormatError(
    `checkpoint: its notes on the training are not as written: ${printable(path.join(".")) || "all of it"}: ${message}`,
  );
}
