import { printable } from "../util/text.js";

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is no folder",
  ENOSPC: "the disk is full",
  EDQUOT: "the quota of the disk is used up",
  EROFS: "the file system is read-only",
  EMFILE: "too many files are open",
  ELOOP: "its links go round in a circle",
  ENAMETOOLONG: "its name is too long",
  EEXIST: "it exists already",
};

/** What went wrong with a file, in a sentence: `cannot read "model.onnx": there is no such file`. */
export function describeFault(doing: string, path: string, cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException;
  const reason = (code && REASONS[code]) ?? printable(message ?? String(cause));
  return `${doing} "${printable(path)}": ${reason}`;
}
