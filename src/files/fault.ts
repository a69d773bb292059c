import type { Stats } from "node:fs";
import { printable } from "../util/text.js";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is no folder",
  ENOSPC: "the disk is full",
  EROFS: "the file system is read-only",
  EMFILE: "too many files are open",
  ELOOP: "its links go round in a circle",
  ENAMETOOLONG: "its name is too long",
  EEXIST: "it exists already",
};

/** What went wrong with a file, in a sentence: `cannot read "model.onnx": there is no such file`. */
export function describeFault(doing: string, path: string, cause: unknown): string {
  const what = `${doing} "${printable(path)}"`;
  if (cause === null) return what;
  if (isStats(cause))
    return `${what}: it is ${cause.isDirectory() ? "a folder" : "no regular file"}`;
  const { code, message } = cause as NodeJS.ErrnoException;
  return `${what}: ${(code && REASONS[code]) ?? printable(message ?? String(cause))}`;
}

function isStats(cause: unknown): cause is Stats {
  return typeof cause === "object" && cause !== null && "isDirectory" in cause;
}
