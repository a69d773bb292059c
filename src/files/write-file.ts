import { randomBytes } from "node:crypto";
import {
  accessSync,
  closeSync,
  constants,
  fsyncSync,
  linkSync,
  openSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { UsageError } from "../util/errors.js";
import { describeFault } from "./fault.js";
import { statusOf } from "./status.js";

export type Bytes = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** A file that is written, but does not have its name yet. */
export interface StagedFile {
  /** Gives it its name. @throws UsageError when that cannot be; the file is discarded then. */
  commit(): void;
  /** Takes it away. Does nothing after `commit`. */
  discard(): void;
}

/**
 * Writes a file beside `path`, which `commit` then puts in its place in one step.
 * @param pieces Written one after the other, each made when its turn comes.
 * @param options.overwrite Whether it may take the place of another file, with its permissions; one that
 *   is a link stays a link.
 * @throws UsageError when it cannot be written; nothing is left behind.
 */
export async function stageFile(
  path: string,
  pieces: Bytes,
  options: { readonly overwrite: boolean },
): Promise<StagedFile> {
  const present = statusOf(path);
  if (isStream(path)) throw cannotWrite(path, "it is a device or a pipe");
  const target = targetOf(path);
  const temporary = join(dirname(target), `.groupconv-${randomBytes(6).toString("hex")}.tmp`);
  try {
    await writeTo(temporary, pieces, present && Number(present.mode));
  } catch (cause) {
    throw asUsageError(path, cause);
  }
  const discard = () => rmSync(temporary, { force: true });
  return {
    discard,
    commit() {
      try {
        if (options.overwrite) renameSync(temporary, target);
        else renameToFree(temporary, target);
      } catch (cause) {
        throw asUsageError(path, cause);
      } finally {
        discard();
      }
    },
  };
}

/**
 * Writes text or bytes, whole or not at all, in place of what was there; a device or a pipe is written into, and
 * `/dev/stdout` behind what it has, even where the shell made it a file.
 *
 * @throws UsageError when it cannot.
 */
export async function writeFileAtomic(path: string, content: string | Uint8Array): Promise<void> {
  if (isStream(path)) {
    try {
      await writeFile(path, content, { flag: "a" });
    } catch (cause) {
      throw asUsageError(path, cause);
    }
    return;
  }
  const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
  const staged = await stageFile(path, [bytes], { overwrite: true });
  staged.commit();
}

/** Says early, before there is anything to write, that no file can be written here. @throws UsageError. */
export function checkWritable(path: string): void {
  const present = statusOf(path);
  if (present?.isDirectory()) throw cannotWrite(path, "it is a folder");
  const folder = dirname(targetOf(path));
  if (!statusOf(folder)?.isDirectory()) throw cannotWrite(path, "its folder does not exist");
  try {
    accessSync(isStream(path) ? path : folder, constants.W_OK);
  } catch (cause) {
    throw asUsageError(path, cause);
  }
}

/** As many links as Linux follows. */
const MOST_LINKS = 40;

/** What a path leads to by links, whether it is there or not. */
function targetOf(path: string, links = 0): string {
  if (statusOf(path)) return realpathSync(path);
  const link = linkAt(path);
  if (link === undefined || links === MOST_LINKS) return path;
  return targetOf(resolve(realpathSync(dirname(path)), link), links + 1);
}

/** What a link says; undefined for what is none, and where that cannot be known: opening it will say why. */
function linkAt(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

/** Files that a program has open, by the names that the system gives them: such as a log behind `>>`. */
const OPEN_FILES = /^\/(dev\/(stdout$|stderr$|fd\/)|proc\/[^/]+\/fd\/)/;

/** What cannot be replaced by a file of the same name, as it would no longer be what it is: devices, pipes, open files. */
export function isStream(path: string): boolean {
  if (OPEN_FILES.test(resolve(path))) return true;
  const present = statusOf(path);
  return present !== undefined && !present.isFile() && !present.isDirectory();
}

/** Writes a new file, or leaves none. */
async function writeTo(path: string, pieces: Bytes, mode: number | undefined): Promise<void> {
  const descriptor = openSync(path, "wx", mode);
  let isWhole = false;
  try {
    for await (const piece of pieces)
      for (let done = 0; done < piece.length; ) done += writeSync(descriptor, piece, done);
    fsyncSync(descriptor);
    isWhole = true;
  } finally {
    closeSync(descriptor);
    if (!isWhole) rmSync(path, { force: true });
  }
}

/** A link, unlike `rename`, never takes a name that is in use. File systems without links get the latter. */
function renameToFree(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code === "EEXIST") throw cause;
    closeSync(openSync(to, "wx"));
    renameSync(from, to);
  }
}

function asUsageError(path: string, cause: unknown): unknown {
  if (!(cause instanceof Error && "code" in cause)) return cause;
  const hasFolder = statusOf(dirname(path))?.isDirectory() ?? false;
  return hasFolder
    ? new UsageError(describeFault("cannot write", path, cause), { cause })
    : cannotWrite(path, "its folder does not exist", cause);
}

function cannotWrite(path: string, reason: string, cause?: Error): UsageError {
  return new UsageError(describeFault("cannot write", path, new Error(reason)), { cause });
}
