import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { extname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { describeFault } from "../files/index.js";
import { UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import type { Config } from "./config-schema.js";

const CONFIG_NAMES = ["ts", "mts", "js", "mjs", "json"].map((end) => `groupconv.config.${end}`);

/**
 * Reads the configuration: the file given, else the first `groupconv.config.*` in the folder, else none.
 * @throws UsageError naming the key and the nearest valid one.
 */
export async function loadConfig(cwd: string, path?: string): Promise<Config> {
  const file = findConfig(cwd, path);
  if (!file) return {};
  const { checkConfig } = await import("./config-schema.js"); // heavy, and often not needed
  const { config, problems } = checkConfig(await loadFile(file));
  if (problems.length === 0) return config;
  throw new UsageError(`${printable(file)}: ${problems.join("; ")}`);
}

/** Absolute path of the configuration that {@link loadConfig} reads. */
export function findConfig(cwd: string, path?: string): string | undefined {
  return path
    ? resolve(cwd, path)
    : CONFIG_NAMES.map((name) => resolve(cwd, name)).find((name) => existsSync(name));
}

async function loadFile(file: string): Promise<unknown> {
  try {
    if (extname(file) === ".json") return JSON.parse(await readFile(file, "utf8"));
    if (/\.m?ts$/.test(file)) {
      const { createJiti } = await import("jiti"); // heavy, and rarely needed
      return await createJiti(import.meta.url).import(file, { default: true });
    }
    const module: { default?: unknown } = await import(pathToFileURL(file).href);
    return module.default;
  } catch (cause) {
    throw new UsageError(describeFault("cannot read the configuration", file, cause), { cause });
  }
}
