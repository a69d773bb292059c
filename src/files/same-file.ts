import { realpathSync } from "node:fs";
import { relative, sep } from "node:path";
import { identityOf, statusOf } from "./status.js";

/** Whether two paths lead to one file that exists, by whatever links. */
export function isSameFile(one: string, other: string): boolean {
  const [first, second] = [statusOf(one), statusOf(other)];
  return first !== undefined && second !== undefined && identityOf(first) === identityOf(second);
}

/** Whether a file that exists lies in a folder, or in one within it, links followed. */
export function liesWithin(path: string, folder: string): boolean {
  if (!statusOf(path) || !statusOf(folder)?.isDirectory()) return false;
  const way = relative(realpathSync(folder), realpathSync(path));
  return way !== "" && way.split(sep)[0] !== ".." && !way.startsWith(sep);
}
