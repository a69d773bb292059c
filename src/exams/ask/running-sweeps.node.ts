import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeFolder } from "../../files/index.js";

/** A sweep that has shown no sign of life for so long is over, even if a process has its number. */
const STALE_MS = 10 * 60_000;
/** How often a sweep shows a sign of life, and looks for others. */
const LOOK_MS = 5000;

const NAME = /^sweep-(\d+)\.lock$/;

/**
 * Sweeps that run on this machine at the same time spoil each other's times, so each leaves a file with the
 * number of its process while it runs, and warns of the files of others. A folder that cannot be written to
 * is no reason not to measure: then nobody is warned.
 */
export class RunningSweeps {
  readonly #own: string;
  readonly #warned = new Set<number>();
  #looked = Number.NEGATIVE_INFINITY;

  /** @param warn Called once for each other sweep, with a sentence. */
  constructor(
    readonly folder: string,
    readonly warn: (sentence: string) => void,
    readonly pid = process.pid,
  ) {
    this.#own = join(folder, `sweep-${pid}.lock`);
    attempt(() => {
      makeFolder(folder);
      writeFileSync(this.#own, "");
    });
  }

  /** Shows a sign of life and looks for others, unless it just did. */
  look(now = Date.now()): void {
    if (now - this.#looked < LOOK_MS) return;
    this.#looked = now;
    attempt(() => {
      utimesSync(this.#own, now / 1000, now / 1000);
      for (const pid of this.#others(now)) {
        if (this.#warned.has(pid)) continue;
        this.#warned.add(pid);
        this.warn(
          `another sweep runs on this machine (process ${pid}): both measure each other; wait for it, or sweep again later`,
        );
      }
    });
  }

  end(): void {
    attempt(() => rmSync(this.#own, { force: true }));
  }

  #others(now: number): number[] {
    return readdirSync(this.folder).flatMap((name) => {
      const pid = Number(NAME.exec(name)?.[1] ?? Number.NaN);
      if (Number.isNaN(pid) || pid === this.pid) return [];
      const path = join(this.folder, name);
      if (isAlive(pid) && now - statSync(path).mtimeMs < STALE_MS) return [pid];
      rmSync(path, { force: true });
      return [];
    });
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM"; // another user's
  }
}

function attempt(work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error; // of the file system
  }
}
