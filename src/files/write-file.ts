import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { UsageError } from "../util/errors.js";
import { describeFault } from "./fault.js";

/**
 * Writes a file whole or not at all: into a new file beside it, which then takes its name.
 * @param pieces Written one after the other, each made when its turn comes.
 * @throws UsageError when the folder cannot be written to or the disk is full; nothing is left behind.
 */
export async function writePieces(
  path: string,
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(6).toString("hex")}.tmp`);
  let descriptor: number | undefined;
  try {
    descriptor = openSync(temporary, "wx");
    for await (const piece of pieces) {
      for (let done = 0; done < piece.length; ) done += writeSync(descriptor, piece, done);
    }
    fsyncSync(descriptor);
    closeSync(descriptor);
    descriptor = undefined;
    renameSync(temporary, path);
  } catch (cause) {
    if (descriptor !== undefined) closeSync(descriptor);
    rmSync(temporary, { force: true });
    if (!(cause instanceof Error && "code" in cause)) throw cause;
    throw new UsageError(describeFault("cannot write", path, cause), { cause });
  }
}

/** Writes text or bytes, whole or not at all. */
export function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  return writePieces(path, [typeof content === "string" ? Buffer.from(content) : content]);
}
