import { appendFile, open, readFile, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { makeFolder } from "../../files/index.js";
import { UsageError } from "../../util/errors.js";
import { printable } from "../../util/text.js";
import type { MachineSummary } from "./section.js";
import type { SweepStore, Timings } from "./sweep.js";

/** Where timings are kept: `$XDG_CACHE_HOME/groupconv`, else `~/.cache/groupconv`. */
export function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "groupconv");
}

/** Of what is timed, and how: lines of another are passed over. */
const VERSION = 3;

const ms = z.number().nonnegative();

const lineSchema = z.object({
  version: z.literal(VERSION),
  machine: z.string(),
  configuration: z.string(),
  groups: z.array(z.number().int().positive()),
  refused: z.array(z.object({ groups: z.number().int().positive(), reason: z.string() })),
  rounds: z.array(z.array(ms)),
  fixed: z
    .object({
      ms,
      spread: z.object({ median: ms, low: ms, high: ms, samples: z.number().int().positive() }),
    })
    .nullable(),
});

type Line = z.infer<typeof lineSchema>;

/**
 * Timings in a file of JSON lines, which only ever grows: the last line of a configuration counts. A line
 * that a kill cut off, or that is none of ours, is passed over; the next one starts on a line of its own.
 *
 * @throws UsageError when the file can be neither read nor made.
 */
export function fileStore(path: string, machine: MachineSummary): SweepStore {
  const own = machineKey(machine);
  let known: Promise<Map<string, Timings>> | undefined;
  const load = () => {
    known ??= readStore(path, own);
    return known;
  };
  return {
    load: async (key) => (await load()).get(key) ?? null,
    async save(key, timings) {
      (await load()).set(key, timings);
      const line: Line = {
        version: VERSION,
        machine: own,
        configuration: key,
        groups: [...timings.groups],
        refused: [...timings.refused],
        rounds: timings.rounds.map((round) => round.map(fiveDigits)),
        fixed: timings.fixed,
      };
      await attempt("cannot keep timings in", path, async () => {
        makeFolder(dirname(path));
        const start = (await endsCleanly(path)) ? "" : "\n";
        await appendFile(path, `${start}${JSON.stringify(line)}\n`);
      });
    },
  };
}

/** A store that is done without once it fails, with a warning: a sweep measures all the same, for itself. */
export function optionalStore(store: SweepStore, warn: (sentence: string) => void): SweepStore {
  let isUsable = true;
  const attemptOr = async <T>(otherwise: T, work: () => Promise<T>): Promise<T> => {
    if (!isUsable) return otherwise;
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      isUsable = false;
      warn(`${error.message}: the next sweep will time again what this one does`);
      return otherwise;
    }
  };
  return {
    load: (key) => attemptOr(null, () => store.load(key)),
    save: (key, timings) => attemptOr(undefined, () => store.save(key, timings)),
  };
}

/** All that times depend on beside the layer. */
function machineKey({ cpu, cores, threads, clock, ...machine }: MachineSummary): string {
  const { runtime, target, browser, adapter } = machine;
  return [
    cpu,
    `${cores} cores`,
    `${threads ?? "default"} threads`,
    `ONNX Runtime ${runtime} ${target}`,
    ...(browser === null ? [] : [browser]),
    ...(adapter === null ? [] : [adapter]),
    `${clock} clock`,
  ].join(" | ");
}

async function readStore(path: string, machine: string): Promise<Map<string, Timings>> {
  const found = new Map<string, Timings>();
  const text = await attempt("cannot read the timings in", path, async () => {
    const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
      if (error.code === "ENOENT") return null;
      throw error;
    });
    if (!status) return "";
    if (!status.isFile()) throw new Error("it is no file"); // a pipe would be waited for
    return readFile(path, "utf8");
  });
  for (const json of text.split("\n")) {
    const line = parseLine(json);
    if (line?.machine === machine) found.set(line.configuration, line);
  }
  return found;
}

function parseLine(json: string): Line | null {
  try {
    const line = lineSchema.parse(JSON.parse(json));
    const isWhole = line.rounds.every((round) => round.length === line.groups.length);
    return isWhole && line.rounds.length > 0 ? line : null;
  } catch {
    return null; // cut off, or not ours
  }
}

/** Whether the file ends with a line's end, or is not there. */
async function endsCleanly(path: string): Promise<boolean> {
  const file = await open(path, "r").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  if (!file) return true;
  try {
    const { size } = await file.stat();
    if (size === 0) return true;
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
    return buffer[0] === "\n".charCodeAt(0);
  } finally {
    await file.close();
  }
}

async function attempt<T>(doing: string, path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(`${doing} "${printable(path)}": ${printable(reason)}`, {
      help: "Name another file, or sweep without a cache.",
      cause,
    });
  }
}

function fiveDigits(n: number): number {
  return Number(n.toPrecision(5));
}
