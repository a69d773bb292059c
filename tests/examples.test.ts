import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it, vi } from "vitest";
import { boxDistance, boxIou, f1, focal } from "../examples/detector/boxes.js";
import { scenes } from "../examples/detector/scenes.js";
import { blocks } from "../examples/fashion-mnist/block-networks.js";
import { fashionMnist } from "../examples/fashion-mnist/fashion-mnist.js";
import { clothesNetwork } from "../examples/fashion-mnist/network.js";
import { shapes } from "../examples/segmentation/shapes.js";
import { parameterCount } from "../src/nn/index.js";
import { readNpz, type Tensor, tensor } from "../src/tensor/index.js";
import {
  accuracy,
  adamw,
  crossEntropy,
  fit,
  type Metric,
  tensorDataset,
} from "../src/train/index.js";
import { runCli } from "./support/run-cli.js";
import { temporaryFolder } from "./support/temporary-folder.js";
import { writeAndRun } from "./support/write-and-run.js";

const at = temporaryFolder();
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

describe("Fashion-MNIST", () => {
  it("is read class by class, rows that are no picture passed over and counted", async () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    mkdirSync(at("clothes"));
    const row = (value: number) => Array(784).fill(value);
    for (let label = 0; label < 10; label++) {
      const bad = label === 3 ? [[], row(256), row(0.5), row(-1), [...row(1), 1], "text"] : [];
      const data = [row(label), ...bad, row(255), row(label)];
      writeFileSync(at("clothes", `${label}.json`), JSON.stringify({ data }));
    }
    const { training, test, skippedRows } = fashionMnist(at("clothes"), 1);
    expect([skippedRows, training.size, test.size]).toEqual([6, 20, 10]);
    expect(warn).toHaveBeenCalledWith("fashion-mnist: skipped 6 rows that are no picture");
    warn.mockRestore();

    const { input, targets } = await test.batch([3, 4]);
    expect(input.shape).toEqual([2, 1, 28, 28]);
    expect(input.data[0]).toBeCloseTo((3 / 255 - 0.2861) / 0.3528, 5);
    expect(targets.output.data).toEqual(BigInt64Array.of(3n, 4n));
    const white = await training.batch([0]);
    expect(white.input.data[0]).toBeCloseTo((1 - 0.2861) / 0.3528, 5);
  });

  it("says how to get the data", () => {
    expect(() => fashionMnist(at("none"))).toThrow("npm ci --prefix examples");
  });

  it("trains several of the seed's blocks in a row", async () => {
    const npz = readNpz(readFileSync(path("fixtures/fashion-mnist/sample.npz")));
    const network = clothesNetwork();
    expect(parameterCount(network)).toBe(40_962); // as PyTorch counts those of peer.py
    const sample = tensorDataset(npz.get("pictures")!, npz.get("labels")!);
    const { history } = await fit(network, sample, {
      loss: crossEntropy(),
      metrics: [accuracy()],
      optimizer: adamw({ lr: 0.005 }),
      epochs: 5,
      threads: 1,
    });
    expect(history[4].train.metrics.accuracy).toBeGreaterThan(0.5); // a guess is right once in ten
  });
});

describe("each of the seed's blocks", () => {
  it.each(Object.keys(blocks))("%s trains between a stem and a classifier", async (name) => {
    const npz = readNpz(readFileSync(path("fixtures/fashion-mnist/sample.npz")));
    const sample = tensorDataset(npz.get("pictures")!, npz.get("labels")!);
    const { history } = await fit(blocks[name](), sample, {
      loss: crossEntropy(),
      optimizer: adamw({ lr: 0.005 }),
      epochs: 2,
      threads: 1,
    });
    expect(history[1].train.loss).toBeLessThan(history[0].train.loss);
  });
});

describe("shapes", () => {
  it("are the same for the same number, whatever else is asked for", async () => {
    const [a, b] = [await shapes(9, 1).batch([4, 2]), await shapes(9, 1).batch([2])];
    expect(a.input.data.slice(3 * 64 * 64)).toEqual(b.input.data);
    expect(a.targets.output.data.slice(64 * 64)).toEqual(b.targets.output.data);
    expect((await shapes(9, 2).batch([2])).input.data).not.toEqual(b.input.data);
  });

  it("of every kind are there, background most", async () => {
    const { targets } = await shapes(64, 1).batch(Array.from({ length: 64 }, (_, i) => i));
    const counts = [0, 0, 0, 0];
    for (const label of targets.output.data as BigInt64Array) counts[Number(label)]++;
    expect(Math.min(...counts)).toBeGreaterThan(1000);
    expect(Math.max(...counts)).toBe(counts[0]);
  });
});

describe("scenes", () => {
  it("mark a box around the thing that is drawn", async () => {
    const { input, targets } = await scenes(50, 3).batch(Array.from({ length: 50 }, (_, i) => i));
    const numbers = (tensor: Tensor, n: number, k: number, i: number) =>
      Number(tensor.data[(n * tensor.shape[1] + k) * 144 + i]);
    let [boxes, inside, outside] = [0, 0, 0];
    for (let n = 0; n < 50; n++)
      for (let i = 0; i < 144; i++) {
        const kinds = [0, 1].map((k) => numbers(targets.classes, n, k, i));
        const [left, up, right, down, present] = [0, 1, 2, 3, 4].map((k) =>
          numbers(targets.boxes, n, k, i),
        );
        expect(kinds[0] + kinds[1]).toBe(present); // one kind where there is a box, else none
        if (present === 0) continue;
        boxes++;
        const [x, y] = [((i % 12) + 0.5) * 8, (Math.floor(i / 12) + 0.5) * 8];
        const limits = [x, y, 96 - x, 96 - y];
        for (const [side, distance] of [left, up, right, down].entries())
          expect(distance * 8).toBeLessThanOrEqual(limits[side] + 1e-4); // inside the picture
        expect((left + right) * 8).toBeGreaterThanOrEqual(12 - 1e-4);
        if (kinds[0] === 1) expect(left + right).toBeCloseTo(up + down, 5); // a disc is round
        // The colour is there at the cell, and mostly gone a little left of the box.
        const red = (px: number) => Math.abs(input.data[n * 3 * 9216 + y * 96 + Math.round(px)]);
        inside += red(x);
        outside += red(Math.max(0, x - left * 8 - 2));
      }
    expect(boxes).toBeGreaterThan(500);
    expect(inside / boxes).toBeGreaterThan((2 * outside) / boxes);
  });

  const run = async (one: { write: Metric["write"] }, x: Tensor, t: Tensor) =>
    (await writeAndRun({ x, t }, (g, v) => one.write(g, v.x, v.t, x.shape))).data;

  it("have losses and metrics of boxes where there are boxes", async () => {
    // Two places, a box at the first alone: 1, 2, 3, 4 are said, 1, 1, 1, 1 are true.
    const said = tensor([1, 9, 2, 9, 3, 9, 4, 9], [1, 4, 1, 2]);
    const box = tensor([1, 0, 1, 0, 1, 0, 1, 0, 1, 0], [1, 5, 1, 2]);
    expect([...(await run(boxDistance(), said, box))]).toEqual([(0 + 1 + 2 + 3) / 4]);
    // Of 4 x 6 and 2 x 2 both have 2 x 2.
    const counts = await run(boxIou(), said, box);
    expect([...counts].map(Number)).toEqual([expect.closeTo(4 / 24, 6), 1]);
    expect(boxDistance().target([8, 4, 3, 3])).toEqual({ dtype: "float32", shape: [8, 5, 3, 3] });
  });

  it("have a focal loss of classes", async () => {
    // Of logits ln 3 the sigmoid is 3/4: for 1, (1/4)^2 * ln(4/3); for 0, (3/4)^2 * ln 4; one is a 1.
    const value = await run(focal(), tensor([Math.log(3), Math.log(3)], [2]), tensor([1, 0], [2]));
    expect(Number(value[0])).toBeCloseTo(Math.log(4 / 3) / 16 + (9 * Math.log(4)) / 16, 5);
  });

  it("have an F1 of classes", async () => {
    const counts = await run(f1(), tensor([1, 1, -1, -1], [4]), tensor([1, 0, 1, 0], [4]));
    // One of two that were said is true, and one of two that are true was said.
    expect(f1().finish(Float64Array.from(counts as Float32Array))).toBe(0.5);
  });
});

describe.each(["segmentation", "detector"])("groupconv train examples/%s/train.ts", (name) => {
  it("trains a few steps and writes a network", async () => {
    const { out, err, code } = await runCli(path(".."), [
      ...["train", `examples/${name}/train.ts`, "--limit", "16", "--batch-size", "8"],
      ...["--epochs", "2", "--threads", "1", "--output", at("run")],
    ]);
    expect({ err, code }).toEqual({ err: "", code: 0 });
    const epochs = out
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line))
      .filter(({ type }) => type === "epoch");
    expect(epochs).toHaveLength(2);
    expect(epochs[1].train.loss).toBeLessThan(epochs[0].train.loss);
    for (const value of Object.values(epochs[1].validation.metrics))
      expect(value).toBeGreaterThanOrEqual(0);
    expect(readdirSync(at("run")).sort()).toEqual([
      ...["checkpoint.safetensors", "model.onnx", "model.safetensors"],
    ]);
  });
});
