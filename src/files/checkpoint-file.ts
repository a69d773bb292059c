import { copyFileSync } from "node:fs";
import { dirname, extname } from "node:path";
import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { describeFault } from "./fault.js";
import { fileSource } from "./file-source.js";
import { makeFolder } from "./make-folder.js";
import { statusOf } from "./status.js";
import { stageFile, writeFileAtomic } from "./write-file.js";

/** Where a training keeps its last checkpoint: `checkpoints` of `fit` may be one. */
export interface CheckpointFile {
  readonly path: string;
  /**
   * Writes the bytes, whole or not at all: until they are in place the last good checkpoint stays there.
   * The first time, what an earlier training left and nobody loaded is kept beside it, `.previous` in its
   * name.
   *
   * @throws UsageError when it cannot be written.
   */
  readonly save: (bytes: Uint8Array) => Promise<void>;
  /** The bytes to go on from. @throws UsageError when there is no checkpoint or it cannot be read. */
  readonly load: () => Promise<Uint8Array>;
}

/**
 * Makes the folder where it is missing, and tries that it can be written to, before hours of training.
 *
 * @throws UsageError when it cannot.
 */
export async function checkpointFile(path: string): Promise<CheckpointFile> {
  const folder = dirname(path);
  try {
    makeFolder(folder);
  } catch (cause) {
    throw new UsageError(describeFault("cannot make the folder", folder, cause), { cause });
  }
  (await stageFile(path, [], { overwrite: true })).discard();

  let isOurs = false;
  return {
    path,
    async save(bytes) {
      if (!isOurs && statusOf(path)) keepAsPrevious(path);
      await writeFileAtomic(path, bytes);
      isOurs = true;
    },
    async load() {
      if (!statusOf(path))
        throw new UsageError(`there is no checkpoint "${printable(path)}" to go on from`);
      const source = fileSource(path);
      try {
        const bytes = await source.read(0, source.size);
        isOurs = true;
        return bytes;
      } finally {
        source.close();
      }
    },
  };
}

/** Copies `run/checkpoint.safetensors` to `run/checkpoint.previous.safetensors`. */
function keepAsPrevious(path: string): void {
  const end = extname(path);
  const previous = `${path.slice(0, path.length - end.length)}.previous${end}`;
  try {
    copyFileSync(path, previous);
  } catch (cause) {
    throw new UsageError(describeFault("cannot write", previous, cause), { cause });
  }
}
