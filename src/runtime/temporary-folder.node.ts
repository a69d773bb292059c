import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RuntimeError } from "../util/errors.js";
import { reasonOf } from "./shapes.js";

/**
 * Gives `use` a folder that only this user can look into, and removes it afterwards.
 * @param purpose What needs it, for the error.
 * @throws RuntimeError when there is no place for one.
 */
export async function withTemporaryFolder<T>(
  purpose: string,
  use: (folder: string) => Promise<T>,
): Promise<T> {
  let folder: string;
  try {
    folder = await mkdtemp(join(tmpdir(), "groupconv-"));
  } catch (cause) {
    throw new RuntimeError(`${purpose} needs a temporary folder: ${reasonOf(cause)}`, {
      help: "Set TMPDIR to a folder that can be written to.",
      cause,
    });
  }
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
