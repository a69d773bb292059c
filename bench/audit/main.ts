/**
 * How long the command line takes on large models, and how much memory, beside Python's onnx:
 * `npm run bench:audit -- --runs 7`. Writes RESULTS.md beside this file.
 */

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { writeModelFile } from "../../src/files/index.js";
import { describeLoad } from "../support/machine.js";
import { measure, type Program, type Run } from "./measure.js";
import { largeModel } from "./model.js";
import { report, type Subject } from "./report.js";

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const CLI = here("../../dist/cli/main.js");
const PYTHON = process.env.PYTHON ?? "python3";
/** What `peer.py` ends with where Python has no onnx. */
const NO_ONNX = 3;

/** 33 blocks are ResNeXt-101's; 230 are more than people ship, to see what the layers cost. */
const MODELS = [
  { name: "tiny", blocks: 33, width: 16 },
  { name: "400 MB", blocks: 33, width: 848 },
  { name: "1.95 GB", blocks: 33, width: 1856 },
  { name: "tiny, deep", blocks: 230, width: 16 },
  { name: "400 MB, deep", blocks: 230, width: 320 },
  { name: "1.95 GB, deep", blocks: 230, width: 704 },
];

const { values } = parseArgs({ options: { runs: { type: "string", default: "7" } } });
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) throw new Error(`--runs ${values.runs} must be 1 or more`);
if (!existsSync(CLI)) throw new Error(`${CLI} is missing: npm run build`);

const folder = await mkdtemp(join(tmpdir(), "groupconv-bench-"));
try {
  const peerVersion = findPeer();
  const subjects = await makeSubjects(folder, peerVersion !== null);
  const loads: string[] = [];
  for (let i = 0; i < runs; i++) {
    loads.push(describeLoad());
    for (const { name, program, runs } of subjects) {
      const run = await measure(program);
      runs.push(run);
      process.stderr.write(
        `${i + 1}/${values.runs} ${name}: ${run.seconds.toFixed(2)} s, ${run.peakMegabytes.toFixed(0)} MB\n`,
      );
    }
  }
  const text = report({ subjects, runs, loads, peerVersion });
  await writeFile(here("RESULTS.md"), text);
  process.stdout.write(text);
} finally {
  await rm(folder, { recursive: true, force: true });
}

/** Every program to be run, on every model. */
async function makeSubjects(folder: string, hasPeer: boolean): Promise<Subject[]> {
  const subjects: Subject[] = [subject("node", "nothing", 0, ours(here("report-peak.mjs")))];
  subjects.push(subject("groupconv", "--version", 0, ours(CLI, "--version")));
  for (const { name, blocks, width } of MODELS) {
    const path = join(folder, `${blocks}-blocks-of-${width}.onnx`);
    process.stderr.write(`writing ${name} ...\n`);
    await writeModelFile(path, largeModel({ blocks, width }), { externalData: "never" });
    const { size } = await stat(path);
    subjects.push(subject("groupconv", name, size, ours(CLI, "audit", path)));
    if (hasPeer) {
      const program = { command: PYTHON, args: [here("peer.py"), path], goodCodes: [0] };
      subjects.push(subject("onnx", name, size, program));
    }
  }
  return subjects;
}

function subject(tool: Subject["tool"], model: string, bytes: number, program: Program): Subject {
  return { tool, model, bytes, program, name: `${tool} ${model}`, runs: [] as Run[] };
}

function ours(...args: string[]): Program {
  return {
    command: process.execPath,
    args: ["--import", new URL("report-peak.mjs", import.meta.url).href, ...args],
    goodCodes: [0, 1],
  };
}

/** The peer's version; null, with a word to the user, where there is none. */
function findPeer(): string | null {
  const { status, error } = spawnSync(PYTHON, [
    "-c",
    "import sys\ntry: import onnx\nexcept ImportError: sys.exit(3)",
  ]);
  if (status === 0) {
    const script =
      "import onnx, sys; print(f'onnx {onnx.__version__}, Python {sys.version.split()[0]}')";
    return execFileSync(PYTHON, ["-c", script], { encoding: "utf8" }).trim();
  }
  if (status !== NO_ONNX && !error) throw new Error(`${PYTHON} ended with ${status}`);
  process.stderr.write(`${PYTHON} has no onnx: measuring without the peer\n`);
  return null;
}
