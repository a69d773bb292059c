import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";

/**
 * Expects `actual` to be the text of a golden file, byte for byte. When it is not, what came out is left
 * beside it as `name.changed.ext`, to look at. To accept all changes:
 *
 *     UPDATE_GOLDEN=1 npx vitest run
 */
export function expectGolden(actual: string, golden: URL): void {
  const path = fileURLToPath(golden);
  const extension = extname(path);
  const changed = `${path.slice(0, path.length - extension.length)}.changed${extension}`;
  if (process.env.UPDATE_GOLDEN === "1") writeFileSync(path, actual);
  const expected = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (actual === expected) rmSync(changed, { force: true });
  else writeFileSync(changed, actual);
  expect(actual, `see ${changed}; UPDATE_GOLDEN=1 accepts it`).toBe(expected);
}
