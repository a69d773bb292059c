import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { survey } from "../../../src/analysis/index.js";
import type { ExamData } from "../../../src/exams/index.js";
import { findTaps } from "../../../src/exams/look/taps.js";
import type { Model } from "../../../src/graph/index.js";
import { tensor, writeNpy } from "../../../src/tensor/index.js";
import { product, range } from "../../../src/util/math.js";

const PYTHON = process.env.PYTHON ?? "python3";
const SCRIPT = fileURLToPath(new URL("peer.py", import.meta.url));

/** `peer.py` on one network and its data. */
export class Peer {
  readonly #answers: AsyncIterator<string>;

  private constructor(
    readonly process: ChildProcess,
    readonly folder: string,
  ) {
    this.#answers = createInterface({ input: process.stdout! })[Symbol.asyncIterator]();
  }

  /** @param file The network's; null for ResNeXt-50 in PyTorch. Gives null where Python lacks a package. */
  static async start(
    name: string,
    file: string | null,
    model: Model,
    data: ExamData,
  ): Promise<Peer | null> {
    const needed = file === null ? "numpy, torch" : "numpy, onnx, onnxruntime";
    if (spawnSync(PYTHON, ["-c", `import ${needed}`], { stdio: "ignore" }).status !== 0) {
      process.stderr.write(
        `${name}: ${PYTHON} has not all of ${needed}: measured without the peer\n`,
      );
      return null;
    }
    const folder = mkdtempSync(join(tmpdir(), "groupconv-peer-"));
    const path = join(folder, "data.npy");
    const [input] = data.summary.inputs;
    const [batchSize, ...sample] = input.shape;
    const shape = [data.summary.samples, ...sample];
    const all = new Float32Array(product(shape));
    let end = 0;
    for (const index of range(data.batchCount)) {
      const { data: numbers } = (await data.batch(index))[input.name];
      all.set(numbers as Float32Array, end);
      end += numbers.length;
    }
    writeFileSync(path, writeNpy(tensor(all, shape)));
    const network = file === null ? [] : [file, ...(await valuesSeen(model, data))];
    const args = [SCRIPT, file === null ? "torch" : "onnx", path, String(batchSize), ...network];
    const peer = new Peer(spawn(PYTHON, args, { stdio: ["pipe", "pipe", "inherit"] }), folder);
    const ready = await peer.#answer();
    if (ready !== "ready") throw new Error(`${name}: the peer said "${ready}" instead of "ready"`);
    await peer.run();
    return peer;
  }

  /** Milliseconds of plain inference, and of inference with correlations. */
  async run(): Promise<[plainMs: number, correlatingMs: number]> {
    this.process.stdin!.write("run\n");
    const [plain, correlating] = (await this.#answer()).split(" ").map((s) => 1000 * Number(s));
    return [plain, correlating];
  }

  async end(): Promise<void> {
    const ended = new Promise((resolve) => this.process.once("close", resolve));
    this.process.stdin!.end();
    await ended;
    rmSync(this.folder, { recursive: true });
  }

  async #answer(): Promise<string> {
    const { value, done } = await this.#answers.next();
    if (done) throw new Error(`the peer ended with ${this.process.exitCode}`);
    return value;
  }
}

/** Names of the values before and after norm and activation, as look finds them. */
async function valuesSeen(model: Model, data: ExamData): Promise<string[]> {
  const { convolutions } = await survey(model, { inputShapes: data.inputShapes });
  const taps = [...findTaps(model, convolutions).values()];
  return taps.flatMap(({ output, after }) => [output.name, ...(after ? [after.name] : [])]);
}
