import { existsSync, realpathSync } from "node:fs";
import { basename } from "node:path";
import type { Model } from "../graph/index.js";
import { modelPieces, modelWithExternalWeights, type Pieces } from "../onnx/index.js";
import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { originOf } from "./read-model-file.js";
import { writePieces } from "./write-file.js";

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
 * Writes a model, weights one at a time, whole or not at all.
 * @throws UsageError when the path exists already, is the model's own origin, or cannot be written.
 */
export async function writeModelFile(
  path: string,
  model: Model,
  { externalData = "auto", overwrite = false }: WriteModelOptions = {},
): Promise<void> {
  checkFree(path, model, overwrite);
  const whole = modelPieces(model);
  if (externalData === "never" || (externalData === "auto" && whole.length <= LARGEST_PROTOBUF)) {
    if (whole.length > LARGEST_PROTOBUF)
      throw new UsageError(
        `cannot write "${printable(path)}": ${whole.length} bytes exceed the 2 GiB of protobuf`,
        {
          help: 'Leave externalData at "auto".',
        },
      );
    await writePieces(path, bytesOf(whole));
    return;
  }
  const weightsPath = `${path}.data`;
  checkFree(weightsPath, model, overwrite);
  const { model: structure, weights } = modelWithExternalWeights(model, basename(weightsPath));
  await writePieces(weightsPath, bytesOf(weights));
  await writePieces(path, bytesOf(structure));
}

function checkFree(path: string, model: Model, overwrite: boolean): void {
  if (!existsSync(path)) return;
  if (originOf(model) === realpathSync(path))
    throw new UsageError(`cannot write "${printable(path)}": the model was read from there`, {
      help: "Its weights are still in that file. Write to another path.",
    });
  if (!overwrite)
    throw new UsageError(`cannot write "${printable(path)}": it exists already`, {
      help: "Write to another path, or allow it to be replaced.",
    });
}

async function* bytesOf({ parts }: Pieces): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield part instanceof Uint8Array ? part : await part.read();
}
