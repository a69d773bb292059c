import { basename } from "node:path";
import type { Model } from "../graph/index.js";
import { modelPieces, modelWithExternalWeights, type Pieces, readPart } from "../onnx/index.js";
import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { originOf } from "./read-model-file.js";
import { identityOf, statusOf } from "./status.js";
import { type StagedFile, stageFile } from "./write-file.js";

export interface WriteModelOptions {
  /**
   * `always`: large weights go to a file beside the model, its name with `.data` behind it; `never`: all
   * in one file; `auto`, the default: beside it when one file would pass 2 GiB, which protobuf cannot hold.
   */
  readonly externalData?: "auto" | "always" | "never";
  /** Replaces a file that exists. Never the one the model was read from. Defaults to false. */
  readonly overwrite?: boolean;
}

const LARGEST_PROTOBUF = 2 ** 31 - 1;

/**
 * Writes a model, weights one at a time, whole or not at all: neither file has its name before both are
 * written.
 *
 * @throws UsageError when the path exists already, is the model's own origin, or cannot be written.
 */
export async function writeModelFile(
  path: string,
  model: Model,
  { externalData = "auto", overwrite = false }: WriteModelOptions = {},
): Promise<void> {
  const whole = modelPieces(model);
  if (externalData === "never" || (externalData === "auto" && whole.length <= LARGEST_PROTOBUF)) {
    checkLength(path, whole, 'Leave externalData at "auto".');
    await writeTogether(model, overwrite, [[path, whole]]);
    return;
  }
  const weightsPath = `${path}.data`;
  const split = modelWithExternalWeights(model, basename(weightsPath));
  checkLength(
    path,
    split.model,
    "Make its constants initializers: those go to a file of their own.",
  );
  await writeTogether(model, overwrite, [
    [weightsPath, split.weights],
    [path, split.model],
  ]);
}

function checkLength(path: string, pieces: Pieces, help: string): void {
  if (pieces.length > LARGEST_PROTOBUF)
    throw new UsageError(
      `cannot write "${printable(path)}": ${pieces.length} bytes exceed the 2 GiB of protobuf`,
      { help },
    );
}

async function writeTogether(
  model: Model,
  overwrite: boolean,
  files: readonly (readonly [path: string, pieces: Pieces])[],
): Promise<void> {
  for (const [path] of files) checkFree(path, model, overwrite);
  const staged: StagedFile[] = [];
  try {
    for (const [path, pieces] of files)
      staged.push(await stageFile(path, bytesOf(pieces), { overwrite }));
    for (const file of staged) file.commit();
  } finally {
    for (const file of staged) file.discard();
  }
}

/** Says no before gigabytes are written; `commit` looks again. */
function checkFree(path: string, model: Model, overwrite: boolean): void {
  const present = statusOf(path);
  if (!present) return;
  if (present.isDirectory())
    throw new UsageError(`cannot write "${printable(path)}": it is a folder`);
  if (originOf(model) === identityOf(present))
    throw new UsageError(`cannot write "${printable(path)}": the model was read from there`, {
      help: "Its weights are still in that file. Write to another path.",
    });
  if (!overwrite)
    throw new UsageError(`cannot write "${printable(path)}": it exists already`, {
      help: "Write to another path, or allow it to be replaced.",
    });
}

async function* bytesOf({ parts }: Pieces): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield await readPart(part);
}
