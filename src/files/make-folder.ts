import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { statusOf } from "./status.js";

/**
 * Makes a folder, and those that it lies in. Node's own recursive `mkdir` never ends below a folder in which none
 * can be made and which says so by ENOENT, as `/proc` does (seen with Node 20.20).
 *
 * @throws the file system's error.
 */
export function makeFolder(path: string): void {
  const missing: string[] = [];
  for (let folder = path; !isFolder(folder); folder = dirname(folder)) {
    missing.push(folder);
    if (dirname(folder) === folder) break;
  }
  for (const folder of missing.reverse())
    try {
      mkdirSync(folder);
    } catch (error) {
      // Another process may have made it meanwhile.
      if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !isFolder(folder)) throw error;
    }
}

function isFolder(path: string): boolean {
  return statusOf(path)?.isDirectory() ?? false;
}
