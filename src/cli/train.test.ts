import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { InferenceSession } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { runCli } from "../../tests/support/run-cli.js";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { readModelFile } from "../files/index.js";
import { readFloat32, readSafetensors } from "../tensor/index.js";
import { bytesSource } from "../util/byte-source.js";

const at = temporaryFolder();
const cli = (...args: string[]) => runCli(at(), args);
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/**
 * A training of 250 pictures of clothes, 7 steps of 32 an epoch; a change takes the place of its key.
 * A file is loaded once a process: one that is another later needs another name.
 */
function writeTraining(
  changes: Readonly<Record<string, string>> = {},
  { name = "train.ts", before = "" } = {},
): void {
  const fields = {
    network: `() => new Sequential([
      new Conv2d(1, 8, 3, { stride: 2 }), new BatchNorm2d(8), new ReLU(),
      new Conv2d(8, 16, 3, { groups: 4 }), new ReLU(),
      new GlobalAvgPool2d(), new Flatten(), new Dropout(0.1), new Linear(16, 10),
    ])`,
    data: "clothes",
    loss: "crossEntropy()",
    metrics: "[accuracy()]",
    optimizer: "adamw({ lr: 0.01 })",
    epochs: "2",
    threads: "1",
    ...changes,
  };
  const text = `
    import { readFileSync } from "node:fs";
    import { readNpz } from "groupconv";
    import { BatchNorm2d, Conv2d, Dropout, Flatten, GlobalAvgPool2d, Linear, ReLU, Sequential } from "groupconv/nn";
    import { accuracy, adamw, crossEntropy, type Dataset, defineTraining, mse, tensorDataset } from "groupconv/train";

    const sample = readNpz(readFileSync(${JSON.stringify(path("../../tests/fixtures/fashion-mnist/sample.npz"))}));
    const clothes: Dataset = tensorDataset(sample.get("pictures")!, sample.get("labels")!);
    ${before}
    export default defineTraining({
      ${Object.entries(fields)
        .map(([key, value]) => `${key}: ${value}`)
        .join(",\n")}
    });`;
  writeFileSync(at(name), text);
}

const eventsOf = (out: string) =>
  out
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("groupconv train", () => {
  it("trains, tells how it goes in JSON lines, and writes what it has learned", async () => {
    writeTraining({ validation: "clothes" });
    const { out, err, code } = await cli("train", "train.ts");
    expect({ err, code }).toEqual({ err: "", code: 0 });
    const events = eventsOf(out);
    const parameters = 8 * 9 + 8 + 2 * 8 + 16 * 2 * 9 + 16 + 16 * 10 + 10;
    expect(events[0]).toMatchObject({ type: "start", epochs: 2, stepsPerEpoch: 7, parameters });
    const epochs = events.filter(({ type }) => type === "epoch");
    expect(epochs.map(({ epoch, step }) => [epoch, step])).toEqual([
      [0, 7],
      [1, 14],
    ]);
    expect(epochs[1].validation.loss).toBeLessThan(Math.log(10)); // better than guessing
    expect(events.at(-1)).toEqual({
      type: "files",
      model: "run/model.onnx",
      weights: "run/model.safetensors",
      checkpoint: "run/checkpoint.safetensors",
    });
    expect(readdirSync(at("run")).sort()).toEqual([
      "checkpoint.safetensors",
      "model.onnx",
      "model.safetensors",
    ]);
  });

  it("writes an ordinary model for inference, and weights under PyTorch's names", async () => {
    writeTraining();
    await cli("train", "train.ts", "--epochs", "1");
    const { graph } = await readModelFile(at("run", "model.onnx"));
    expect(graph.nodes.map(({ op }) => op)).toEqual([
      ...["Conv", "BatchNormalization", "Relu", "Conv", "Relu"],
      ...["GlobalAveragePool", "Flatten", "Gemm"], // no dropout
    ]);
    expect(graph.inputs.map(({ name }) => name)).toEqual(["input"]);
    const session = await InferenceSession.create(at("run", "model.onnx"));
    expect(session.inputMetadata[0]).toMatchObject({ shape: ["N", 1, 28, 28] });
    await session.release();

    const file = await readSafetensors(bytesSource(readFileSync(at("run", "model.safetensors"))));
    expect([...file.tensors.keys()].sort()).toEqual([
      ...["0.bias", "0.weight"],
      ...["1.bias", "1.running_mean", "1.running_var", "1.weight"],
      ...["3.bias", "3.weight", "8.bias", "8.weight"],
    ]);
    for (const name of ["1.running_var", "8.weight"]) {
      const saved = await readFloat32(file.tensors.get(name)!);
      expect(saved).toEqual(await readFloat32(graph.find(name)!.initializer!));
      expect([...saved].every((value) => value === 1)).toBe(false);
    }
  });

  it("goes on from a checkpoint as if it had not stopped, bit for bit", async () => {
    const schedule = "({ step, totalSteps }) => 1 - step / totalSteps / 10";
    writeTraining({ schedule });
    await cli("train", "train.ts", "--epochs", "3", "--output", "whole");
    // Stopped in the middle of an epoch: the third checkpoint is of step 9, and the data breaks at step 10.
    const breaking = `let calls = 0;
      const breaks: Dataset = { ...clothes, batch: (indices) => {
        if (++calls === 10) throw new Error("the disk was pulled out");
        return clothes.batch(indices);
      } };`;
    writeTraining(
      { schedule, data: "breaks", checkpoints: "{ everySteps: 3 }" },
      { name: "breaking.ts", before: breaking },
    );
    const broken = await cli("train", "breaking.ts", "--epochs", "3", "--output", "parts");
    expect(broken.err).toBe("error: data.batch threw Error: the disk was pulled out\n");
    expect(broken.code).toBe(2);
    expect(readdirSync(at("parts"))).toEqual(["checkpoint.safetensors"]);

    const args = ["train", "train.ts", "--epochs", "3", "--output", "parts", "--resume"];
    const { out, code } = await cli(...args);
    expect(code).toBe(0);
    expect(eventsOf(out)[0]).toMatchObject({ type: "start", step: 9 });
    for (const name of ["model.onnx", "model.safetensors"])
      expect(readFileSync(at("parts", name)).equals(readFileSync(at("whole", name)))).toBe(true);
  });

  it("keeps the checkpoint of an earlier training that nobody went on from", async () => {
    writeTraining({ epochs: "1" });
    await cli("train", "train.ts", "--limit", "64");
    const first = readFileSync(at("run", "checkpoint.safetensors"));
    await cli("train", "train.ts", "--limit", "64", "--seed", "1");
    expect(readFileSync(at("run", "checkpoint.previous.safetensors")).equals(first)).toBe(true);
    expect(readFileSync(at("run", "checkpoint.safetensors")).equals(first)).toBe(false);
  });

  it("lets flags win over the file", async () => {
    writeTraining({ output: '"from-file"', validation: "() => clothes" });
    const { out } = await cli(
      ...["train", "train.ts", "--epochs", "1", "--batch-size", "10", "--limit", "35"],
      ...["--lr", "0.5", "--output", "from-flag"],
    );
    const events = eventsOf(out);
    expect(events[0]).toMatchObject({ epochs: 1, batchSize: 10, stepsPerEpoch: 3 });
    expect(events[1]).toMatchObject({ type: "step", lr: 0.5 });
    expect(existsSync(at("from-flag", "model.onnx"))).toBe(true);
    expect(existsSync(at("from-file"))).toBe(false);
  });

  it("shows epochs, a curve of the loss and a bar on a terminal, in colours unless NO_COLOR", async () => {
    writeTraining();
    const args = ["train", "train.ts", "--limit", "64", "--epochs", "3"];
    const { out } = await runCli(at(), args, { terminal: true });
    expect(out).toMatch(/^570 parameters, 2 steps of 32 examples an epoch\n/);
    expect(out).toContain("\u001b[1mepoch 3/3\u001b[22m  loss ");
    expect(out).toMatch(/┤.*[╭╮╰╯─]/); // the curve
    expect(out).toMatch(/█+.* 100 % {2}\S+ left {2}[\d,]+ examples\/s {2}loss \d/);
    expect(out).toMatch(/wrote run\/model\.onnx\n/);
    for (const line of out.split("\n")) {
      const shown = line.replace(/\u001b\[[\d;]*[A-Za-z]/g, "");
      expect(shown.length).toBeLessThanOrEqual(80); // a line that wraps would not be erased
    }

    const plain = await runCli(at(), args, { terminal: true, env: { NO_COLOR: "1" } });
    expect(plain.out).not.toMatch(/\u001b\[\d*m/);
    const json = await runCli(at(), [...args, "--json"], { terminal: true });
    expect(eventsOf(json.out)[0].type).toBe("start");
  });

  it("takes plain JavaScript, and tells when a layer gets other groups", async () => {
    const text = `
      import { Rng, tensor } from "groupconv";
      import { Flatten, GlobalAvgPool2d, Sequential, TunableGroupConv } from "groupconv/nn";
      import { crossEntropy, defineTraining, groupWarmup, tensorDataset } from "groupconv/train";
      export default defineTraining({
        network: () => new Sequential([new TunableGroupConv(4, 4), new GlobalAvgPool2d(), new Flatten()]),
        data: tensorDataset(new Rng(1).normal([8, 4, 5, 5]), tensor([0n, 1n, 2n, 3n, 0n, 1n, 2n, 3n], [8])),
        loss: crossEntropy(), epochs: 3, batchSize: 4, threads: 1,
        groupWarmup: { schedule: groupWarmup({ every: 1, max: 4 }), weights: "slice" },
      });`;
    writeFileSync(at("train.mjs"), text);
    const { out, code } = await runCli(at(), ["train", "train.mjs"], { terminal: true });
    expect(code).toBe(0);
    expect(out).toMatch(/^.*groups of 0: 1 -> 2, \d+\.\d % of its squared weights kept$/m);
    expect(out).toMatch(/groups of 0: 2 -> 4, /);
    const more = ["train", "train.mjs", "--epochs", "4", "--lr", "0.01", "--resume"];
    const shown = await runCli(at(), more, { terminal: true });
    expect(shown.out).toContain("from here on epochs=4, until now 3\n");
    expect(shown.out).toContain("from here on lr=0.01, until now 0.1\n");
    const resumed = await cli(...more.slice(0, 2), "--epochs", "5", "--resume");
    const last = eventsOf(resumed.out).findLast(({ type }) => type === "epoch");
    expect(last.groups).toEqual({ "0": 4 });
  });

  it("runs what docs/training.md starts with, which learns", async () => {
    const page = readFileSync(path("../../docs/training.md"), "utf8");
    writeFileSync(at("train.ts"), /```ts\n([\s\S]*?)```/.exec(page)![1]);
    const { out, err, code } = await cli("train", "train.ts");
    expect({ err, code }).toEqual({ err: "", code: 0 });
    const last = eventsOf(out).findLast(({ type }) => type === "epoch");
    expect(last.train.metrics.accuracy).toBeGreaterThan(0.8);
  });

  it("gives help with an example", async () => {
    const { out, code } = await cli("train", "--help");
    expect(out).toContain("groupconv train examples/segmentation/train.ts");
    expect(out).toContain("export default defineTraining({");
    expect(out).toContain("--resume");
    expect(code).toBe(0);
  });
});

describe("groupconv train refuses", () => {
  it.each<[Record<string, string>, RegExp]>([
    [{ epoch: "3" }, /train\.ts: unknown key "epoch"; did you mean "epochs"\?/],
    [{ earlyStopping: "{ patient: 2 }" }, /at earlyStopping: unknown key "patient"; did you mean/],
    [{ checkpoints: "{ everyEpochs: 0 }" }, /at checkpoints\.everyEpochs: /],
    [
      { groupWarmup: '{ schedule: () => 1, weights: "inherits" }' },
      /at groupWarmup: must be .* with weights (\w+, )*inherit/,
    ],
    [{ network: "new Sequential([])" }, /at network: must be a function that makes the network/],
    [{ data: "sample" }, /at data: must be a data set, or a function that loads one/],
    [{ data: "() => sample" }, /data: the function must give a data set/],
    [{ data: '() => { throw new TypeError("no disk"); }' }, /data threw TypeError: no disk/],
    [{ augment: "(batch) => batch.none.input" }, /augment threw TypeError: /],
    [{ epochs: "0" }, /epochs=0 must be a whole number of at least 1/],
    [
      { loss: "mse()", metrics: "[]" },
      /targets of output "output" are int64 \[\] an example; the loss takes float32 \[10\]/,
    ],
    [
      { network: "() => new Sequential([new Conv2d(3, 8, 3)])" },
      /an input of \[32,1,28,28\] does not fit the network: "0" takes 3 channels, not 1/,
    ],
    [{ optimizer: "adamw({ lr: -1 })" }, /adamw: lr=-1 must be a number of at least 0/],
  ])("a file with %j, in a sentence", async (changes, message) => {
    writeTraining(changes);
    const { out, err, code } = await cli("train", "train.ts");
    expect(err).toMatch(message);
    expect(err).toMatch(/^error: [^\n]*\n( {2}[^\n]*\n)?$/); // a sentence and the way out, no stack
    expect(out.split("\n").filter((line) => line.startsWith('{"type":"step"'))).toEqual([]);
    expect(code).toBe(2);
  });

  it.each([
    [["train", "none.ts"], /cannot run none\.ts: /],
    [["train", "train.ts", "--epoch", "3"], /--epoch, did you mean --epochs/],
    [["train", "train.ts", "--lr", "0"], /"0" is not a number greater than 0/],
    [["train", "train.ts", "--seed", "-1"], /is not a whole number/],
    [["train", "train.ts", "--resume"], /there is no checkpoint ".*checkpoint\.safetensors"/],
    [["train", "train.ts", "--output", "train.ts"], /cannot make the folder ".*train\.ts": /],
    [["train", "train.ts", "--output", "train.ts/below"], /cannot make the folder /],
  ])("%j", async (args, message) => {
    writeTraining();
    const { out, err, code } = await cli(...args);
    expect(`${out}${err}`).toMatch(message);
    expect(err).not.toMatch(/\n\s+at /);
    expect(code).toBe(2);
  });

  it("a file that exports nothing or has a fault", async () => {
    writeFileSync(at("empty.ts"), "export const training = {};");
    expect((await cli("train", "empty.ts")).err).toMatch(/empty\.ts: it has no default export/);
    writeFileSync(at("fault.ts"), "const x: = 3;");
    expect((await cli("train", "fault.ts")).err).toMatch(/^error: cannot run fault\.ts: /);
  });

  it("to go on from another seed or from what is no checkpoint", async () => {
    writeTraining({ epochs: "1" });
    await cli("train", "train.ts", "--limit", "64");
    const other = await cli("train", "train.ts", "--limit", "64", "--seed", "3", "--resume");
    expect(other.err).toBe("error: fit: seed=3 must be seed=0, as in the checkpoint\n");
    writeFileSync(at("run", "checkpoint.safetensors"), "none");
    const { err, code } = await cli("train", "train.ts", "--resume");
    expect(err).toMatch(/^error: [^\n]*\n$/);
    expect(code).toBe(2);
  });

  it("data that is not a number, with the step and the tensor, and keeps the last checkpoint", async () => {
    const before = `let calls = 0;
      const turns: Dataset = { ...clothes, batch: (indices) => {
        const batch = clothes.batch(indices) as { input: { data: Float32Array } };
        if (++calls === 9) batch.input.data[5] = Number.NaN;
        return batch;
      } };`;
    writeTraining({ data: "turns" }, { before });
    const { err, code } = await cli("train", "train.ts");
    expect(err).toMatch(/^error: step 9: "input" of the batch has NaN\n/);
    expect(code).toBe(2);
    expect(readdirSync(at("run"))).toEqual(["checkpoint.safetensors"]);
  });

  it("a folder that vanishes while it trains", async () => {
    const before = `import { rmSync, writeFileSync } from "node:fs";
      const removes: Dataset = { ...clothes, batch: (indices) => {
        rmSync(${JSON.stringify(at("run"))}, { recursive: true, force: true });
        writeFileSync(${JSON.stringify(at("run"))}, "");
        return clothes.batch(indices);
      } };`;
    writeTraining({ data: "removes" }, { before });
    const { err, code } = await cli("train", "train.ts");
    expect(err).toMatch(/^error: cannot write ".*checkpoint\.safetensors": [^\n]*\n$/);
    expect(code).toBe(2);
  });
});

describe("Ctrl-C", () => {
  const jiti = path("../../node_modules/jiti/lib/jiti-cli.mjs");
  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [jiti, path("main.ts"), "train", "train.ts", ...args], { cwd: at() });

  /** Until a line with this word was printed. */
  async function line(child: ChildProcess, word: string): Promise<void> {
    for await (const text of createInterface({ input: child.stdout! }))
      if (text.includes(word)) return;
    throw new Error(`the command ended without "${word}"`);
  }

  const slow = `const slow: Dataset = { ...clothes, batch: async (indices) => {
      await new Promise((done) => setTimeout(done, 50));
      return clothes.batch(indices);
    } };`;

  it("saves, exits with 130, and nothing is lost", async () => {
    writeTraining({ data: "slow", epochs: "4" }, { before: slow });
    const child = start("--output", "my parts", "--batch-size", "32");
    const errors: Buffer[] = [];
    child.stderr!.on("data", (piece) => errors.push(piece));
    const ended = once(child, "close");
    await line(child, '"type":"step"');
    child.stdout!.resume();
    child.kill("SIGINT");
    expect(await ended).toEqual([130, null]);
    const said = Buffer.concat(errors).toString();
    expect(said).toMatch(
      /^stopped at step \d+ with nothing but the checkpoint written; to go on: groupconv train train\.ts --batch-size 32 --output 'my parts' --resume\n$/,
    );
    expect(readdirSync(at("my parts"))).toEqual(["checkpoint.safetensors"]);

    writeTraining({ epochs: "4" });
    await cli("train", "train.ts", "--output", "my parts", "--resume");
    await cli("train", "train.ts", "--output", "whole");
    const weights = (folder: string) => readFileSync(at(folder, "model.safetensors"));
    expect(weights("my parts").equals(weights("whole"))).toBe(true);
  }, 180_000);

  it("ends at once the second time", async () => {
    const before = `const hangs: Dataset = { ...clothes, batch: (indices) => {
        console.log("hangs");
        return new Promise((done) => setTimeout(() => done(clothes.batch(indices)), 600_000));
      } };`;
    writeTraining({ data: "hangs" }, { before });
    const child = start();
    const ended = once(child, "close");
    await line(child, "hangs");
    child.stdout!.resume();
    child.kill("SIGINT");
    await new Promise((done) => setTimeout(done, 200));
    expect(child.exitCode).toBe(null); // waits for the step it is in
    child.kill("SIGINT");
    expect(await ended).toEqual([null, "SIGINT"]);
  }, 180_000);
});
