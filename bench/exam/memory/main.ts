/**
 * Whether the exams keep to the memory they are given: `npm run bench:memory`. Every exam runs in a process of its
 * own, and what it held at most beyond a process that only runs the network is set against the limit. Writes
 * RESULTS.md beside this file.
 */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describeMachine, installedVersion } from "../../support/machine.js";
import { markdownTable } from "../../support/table.js";
import { networks } from "./networks.js";

const LIMITS_MIB = [320, 1024];
/** The most a process holds differs from run to run: allocators, garbage. Of so many plain runs the most counts. */
const PLAIN_RUNS = 3;

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const JITI = here("../../../node_modules/jiti/lib/jiti-cli.mjs");

interface Peak {
  readonly peakMib: number;
  readonly notes: readonly string[];
  readonly refusal: string | null;
}

function run(network: string, exam: string, limitMib: number): Peak {
  const args = [JITI, here("worker.ts"), network, exam, String(limitMib)];
  const cache = mkdtempSync(join(tmpdir(), "groupconv-memory-")); // what is kept of a sweep is not timed again
  try {
    const env = { ...process.env, XDG_CACHE_HOME: cache };
    const output = execFileSync(process.execPath, args, { encoding: "utf8", env });
    return JSON.parse(output.trim().split("\n").at(-1)!) as Peak;
  } finally {
    rmSync(cache, { recursive: true });
  }
}

const rows: string[][] = [];
let isKept = true;
const refusals: string[] = [];
for (const { name, batch, exams } of networks) {
  const plain = Math.max(
    ...Array.from({ length: PLAIN_RUNS }, () => run(name, "plain", 0).peakMib),
  );
  for (const exam of exams)
    for (const limitMib of LIMITS_MIB) {
      const { peakMib, notes, refusal } = run(name, exam, limitMib);
      const beyond = peakMib - plain;
      isKept &&= beyond <= limitMib;
      const leftOut = notes.filter((note) => note.includes("memoryBytes=")).length;
      const met = refusal !== null ? "not made" : beyond <= limitMib ? "yes" : "no";
      if (refusal !== null) refusals.push(`- ${name}, ${limitMib} MiB: ${refusal}`);
      rows.push(
        [name, batch, exam, limitMib, plain, beyond, leftOut, met].map((cell) =>
          typeof cell === "number" ? cell.toFixed(0) : cell,
        ),
      );
      process.stderr.write(`${rows.at(-1)!.join("  ")}\n`);
    }
}

const text = [
  "# Memory of the exams",
  "",
  `\`npm run bench:memory\` on ${describeMachine()}, onnxruntime-node ${installedVersion("onnxruntime-node")}.`,
  "",
  "MiB. Beyond: the most a process held resident that examined the network, less the most of one that ran it on",
  `the same batches and did nothing else, with no data kept (the largest of ${PLAIN_RUNS} such). Batches are two where pictures`,
  "are not counted. Left out: layers that the limit has no room for; the report names them.",
  "",
  markdownTable(["network", "batch", "exam", "limit", "plain", "beyond", "left out", "kept"], rows),
  "",
  isKept ? "Every exam that was made kept to its limit." : "Not every exam kept to its limit.",
  ...(refusals.length > 0 ? ["Not made, and why:", "", ...refusals] : []),
  "",
].join("\n");
writeFileSync(here("RESULTS.md"), text);
process.stdout.write(text);
