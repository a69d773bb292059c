import { type BigIntStats, statSync } from "node:fs";

/** What is at a path, links followed; undefined too where that cannot be known: opening it will say why. */
export function statusOf(path: string): BigIntStats | undefined {
  try {
    return statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}

/** Device and number of a file: two paths that have the same are one file. */
export function identityOf(status: { readonly dev: bigint; readonly ino: bigint }): string {
  return `${status.dev}:${status.ino}`;
}
