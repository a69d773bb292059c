import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../tests/support/run-cli.js";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import type { ExamReport } from "../exams/index.js";
import { parseModel } from "../graph/index.js";
import { encodeModel } from "../onnx/index.js";
import { Rng, writeNpy } from "../tensor/index.js";
import { conductExam } from "./exam/conduct-exam.js";
import type { ExamJob, ExamMessage } from "./exam/exam-job.js";
import { examExitCode } from "./exam/exit-code.js";

const at = temporaryFolder();
const cli = (...args: string[]) => runCli(at(), args);
const path = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** A stem whose channels are all one and the same, and a grouped convolution behind it. */
beforeEach(async () => {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
    net (float[N, 3, H, W] x) => (y) <float[8, 3, 3, 3] a, float[8, 4, 3, 3] b> {
    [stem] h = Conv<pads = [1, 1, 1, 1]>(x, a)
    r = Relu(h)
    [grouped] y = Conv<group = 2, pads = [1, 1, 1, 1]>(r, b)
  }`);
  const rng = new Rng(1);
  const stem = rng.normal([8, 3, 3, 3]);
  for (let channel = 1; channel < 8; channel++) stem.data.copyWithin(27 * channel, 0, 27);
  model.graph.find("a")!.initializer = stem;
  model.graph.find("b")!.initializer = rng.normal([8, 4, 3, 3]);
  writeFileSync(at("net.onnx"), await encodeModel(model));
});

async function drawPictures(): Promise<void> {
  mkdirSync(at("pictures"));
  for (const [i, background] of ["#c03c2b", "#3b6fb6", "#1d7f4e"].entries())
    await sharp({ create: { width: 40, height: 30, channels: 3, background } })
      .composite([{ input: Buffer.from("<svg><circle cx='15' cy='12' r='9'/></svg>") }])
      .png()
      .toFile(at("pictures", `${i}.png`));
  writeFileSync(at("pictures", "broken.jpg"), "not a jpeg");
}

describe("groupconv exam", () => {
  it("examines on a folder of pictures, and says what it left out", async () => {
    await drawPictures();
    const { out, err, code } = await cli(
      ...["exam", "net.onnx", "--data", "pictures", "--pictures", "imagenet", "--exams", "look"],
      ...["--input", "x=2,3,32,48", "--json", "--fail-on", "never"],
    );
    expect(err).toMatch(/^look: 2 layers\n$/); // no terminal, no bar
    const report: ExamReport = JSON.parse(out);
    expect(report).toMatchObject({
      model: "net.onnx",
      data: {
        source: "3 of 4 pictures in pictures",
        synthetic: false,
        samples: 3,
        inputs: [{ name: "x", shape: [2, 3, 32, 48] }],
      },
      exams: [{ id: "look", status: "done" }],
    });
    expect(report.data.skipped.map(({ name }) => name)).toEqual(["broken.jpg"]);
    expect(report.sections.look?.layers.map(({ name }) => name)).toEqual(["stem", "grouped"]);
    expect(code).toBe(0);
  });

  it("writes a report to a file, shows a bar on a terminal and takes it away, exits with 1 for findings", async () => {
    writeFileSync(at("x.npy"), writeNpy(new Rng(2).normal([4, 3, 16, 16])));
    const args = ["exam", "net.onnx", "--data", "x.npy", "--exams", "look", "--fail-on", "info"];
    const { out, err, code } = await runCli(
      at(),
      [...args, "--output", "report.md", "-f", "markdown"],
      {
        terminal: true,
      },
    );
    const report = readFileSync(at("report.md"), "utf8");
    expect(report).toMatch(/^### groupconv exam: `net\.onnx`/);
    expect(out).toBe("");
    expect(err).toMatch(/wrote report\.md\n$/);
    expect(report).toContain("7 of 8 living channels have");
    expect(code).toBe(1);
    expect(readdirSync(at()).sort()).toEqual(["net.onnx", "report.md", "x.npy"]);
  });

  it("draws pictures where it is given none, and says so", async () => {
    const { out, code } = await cli(
      ...["exam", "net.onnx", "--exams", "look", "--limit", "3", "--seed", "7"],
      ...["--input", "x=3,3,24,24"],
    );
    expect(out).toContain("synthetic 1/f noise, seed 7: 3 samples, in batches of x [3, 3, 24, 24]");
    expect(out).toContain("No data was given");
    expect(out).toContain("grouped");
    expect(code).toBe(0); // findings, and errors count by default
  });

  it("has not run without an exam that was asked for by name", async () => {
    const old = parseModel(`<ir_version: 8, opset_import: ["" : 8]>
      net (float[N, 3, 8, 8] x) => (y) <float[8, 3, 1, 1] w> { y = Conv(x, w) }`);
    old.graph.find("w")!.initializer = new Rng(1).normal([8, 3, 1, 1]);
    writeFileSync(at("old.onnx"), await encodeModel(old));
    writeFileSync(at("x.npy"), writeNpy(new Rng(2).normal([4, 3, 8, 8])));
    const args = ["exam", "old.onnx", "--data", "x.npy", "--json", "--fail-on", "never"];
    const statuses = (out: string) =>
      (JSON.parse(out) as ExamReport).exams.map(({ id, status }) => [id, status]);
    const named = await cli(...args, "--exams", "look,listen");
    expect(statuses(named.out)).toEqual([
      ["look", "done"],
      ["listen", "failed"],
    ]);
    expect(named.code).toBe(2);
    // The same report of exams that nobody named is what the model allows.
    expect(examExitCode(JSON.parse(named.out), [], { failOn: "never" })).toBe(0);
  });

  it("gives help with examples", async () => {
    const { out, code } = await cli("exam", "--help");
    expect(out).toContain("groupconv exam detector.onnx --data photos/ --pictures ocr-det");
    expect(code).toBe(0);
  });
});

describe("groupconv exam refuses", () => {
  it.each([
    [["none.onnx"], /^error: cannot read ".*none\.onnx": there is no such file\n$/],
    [["net.onnx", "--data", "none"], /^error: cannot read ".*none": there is no such file\n$/],
  ])("from its thread, in a sentence: %j", async (args, message) => {
    const { out, err, code } = await cli("exam", ...args);
    expect(err).toMatch(message);
    expect(out).toBe("");
    expect(code).toBe(2);
  });

  it.each([
    [["--memory", "lots"], /"lots" is not an amount of memory such as 512MB/],
    [["--target", "ort-wsam"], /"ort-wsam" is none of ort-cpu, .*; did you mean "ort-wasm"\?/],
    [["--exams", "look", "--target", "ort-wasm"], /--target is for ask, which --exams leaves out/],
    [["--exams", "look", "--threads", "1"], /--threads is for ask, which --exams leaves out/],
    [["--budget", "soon"], /"soon" is not a time such as 60s/],
    [["--format", "sarif"], /"sarif" is none of /],
    [["--output", "net.onnx"], /--output net\.onnx is the model itself/],
    [["--output", "none/report.md"], /cannot write ".*report\.md": its folder does not exist\n$/],
    [["--pictures", "yolo"], /--pictures is for pictures of yours; without --data they are drawn/],
    [["--data", "x.npy", "--pictures", "imagnet"], /"imagnet" is none of unit, .*"imagenet"\?/],
    [
      ["--data", "x.npy", "--mean", "0", "--size", "8"],
      /--mean, --size are for pictures of yours; arrays are taken as they are/,
    ],
    [
      ["--data", "a", "--padding", "9"],
      /--padding is for --fit letterbox .*; cover makes no border/,
    ],
    [["--mean", "0.4,0.5"], /"0.4,0.5" is not one number, or three with commas/],
    [["--mean", "1,NaN,1"], /"1,NaN,1" is not one number, or three/],
    [["--std", "0,1,1"], /"0,1,1" is not of numbers greater than 0/],
    [["--scale", "1/0"], /"1\/0" is not a number greater than 0, such as 1\/255/],
    [["--size", "8x8x8"], /"8x8x8" is not HEIGHTxWIDTH in pixels, such as 640x480/],
    [["--padding", "256"], /"256" is not a whole number from 0 to 255/],
    [["--order", "brg"], /"brg" is none of rgb, bgr/],
    [["--fit", "leterbox"], /"leterbox" is none of stretch, .*did you mean "letterbox"/],
    [["--layout", "nhwc"], /"nhwc" is none of NCHW, NHWC/],
    [["--seed", "-1"], /"-1" is not a whole number from 0\n/],
    [["--data", "x.npy", "--seed", "3"], /--seed is for drawn pictures/],
    [["--data", "x.npy", "--limit", "3"], /--limit is for pictures/],
    [["--data", "a", "--data", "b"], /several --data need the inputs' names/],
    [["--data", "x=a", "--data", "x=b"], /--data: an input is given twice/],
    [["--input", "x=1,3,4,4", "--input", "x=1,3,5,5"], /--input x is given twice/],
    [
      ["--input", "x=1,3,4,4", "--input", "y=2,3"],
      /batches of 1 and 2 samples; they must be equal/,
    ],
  ])("%j", async (args, message) => {
    const { err, code } = await cli("exam", "net.onnx", ...args);
    expect(err).toMatch(message);
    expect(code).toBe(2);
  });

  const conduct = (job: Partial<ExamJob>, told: ExamMessage[] = []) => {
    const whole = { data: null, images: {}, inputShapes: {}, exams: ["look"], ...job };
    const files = { model: at("net.onnx"), modelName: "net.onnx" };
    return conductExam(
      { ...files, ...whole },
      (one) => told.push(one),
      new AbortController().signal,
    );
  };

  it.each<[string, () => Promise<unknown>, RegExp]>([
    [
      "a browser that is not there, before anything is read",
      () => conduct({ exams: ["ask"], model: at("none"), target: "ort-wasm", browser: at("none") }),
      /^browser=.*none is no program that can be run$/,
    ],
    [
      "a browser for a target without one",
      () => conduct({ exams: ["ask"], browser: "/usr/bin/chromium" }),
      /^target=ort-cpu runs in no browser; browser is for ort-wasm and ort-webgpu$/,
    ],
    [
      "a target that the runtime of this system never has",
      () =>
        conduct({
          exams: ["ask"],
          target: process.platform === "win32" ? "ort-coreml" : "ort-dml",
        }),
      /^target=ort-\w+ is not in this ONNX Runtime [\d.]+; it has ort-cpu/,
    ],
    ["a word that is no exam", () => conduct({ exams: ["lok"] }), /exam="lok" is none of look/],
    [
      "a folder without pictures",
      async () => {
        mkdirSync(at("empty"));
        await conduct({ data: at("empty") });
      },
      /empty" holds no picture/,
    ],
    [
      "arrays of another shape than the model's",
      async () => {
        writeFileSync(at("x.npy"), writeNpy(new Rng(1).normal([2, 4, 8, 8])));
        await conduct({ data: at("x.npy") });
      },
      /shape=\[n,4,8,8\] does not fit the model's \[N,3,H,W\]/,
    ],
    [
      "arrays of another shape than --input's",
      async () => {
        writeFileSync(at("x.npy"), writeNpy(new Rng(1).normal([2, 3, 8, 8])));
        await conduct({ data: at("x.npy"), inputShapes: { x: [1, 3, 9, 9] } });
      },
      /--input x: shape=\[1,3,9,9\] must be that of the data, \[2,3,8,8\]/,
    ],
    [
      "a batch that takes more than the memory",
      () => conduct({ inputShapes: { x: [1, 3, 20_000, 20_000] }, batchSize: 1 }),
      /x \[1,3,20000,20000\] float32 takes 4578MiB, which must be at most memory=1024MiB$/,
    ],
    [
      "a batch that takes more than --memory",
      () =>
        conduct({
          inputShapes: { x: [1, 3, 5000, 5000] },
          batchSize: 1,
          memoryBytes: 200 * 2 ** 20,
        }),
      /x \[1,3,5000,5000\] float32 takes 287MiB, which must be at most memory=200MiB$/,
    ],
    [
      "too little memory, before the data are read",
      () => conduct({ data: at("none"), memoryBytes: 200 }),
      /^memory=200 bytes must be at least /,
    ],
    [
      "--input of another batch than the model's",
      async () => {
        const fixed = parseModel("net (float[1, 3, 8, 8] x) => (y) { y = Relu(x) }");
        writeFileSync(at("net.onnx"), await encodeModel(fixed));
        writeFileSync(at("x.npy"), writeNpy(new Rng(1).normal([6, 3, 8, 8])));
        await conduct({ data: at("x.npy"), inputShapes: { x: [3, 3, 8, 8] } });
      },
      /^input "x": shape=\[3,3,8,8\] does not fit the model's \[1,3,8,8\]$/,
    ],
    [
      "NaN",
      async () => {
        const x = new Rng(1).normal([2, 3, 8, 8]);
        x.data[200] = Number.NaN;
        writeFileSync(at("x.npy"), writeNpy(x));
        await conduct({ data: at("x.npy") });
      },
      /sample=1 holds NaN at element=8; every number must be finite/,
    ],
    [
      "what is no model",
      async () => {
        writeFileSync(at("net.onnx"), "no model");
        await conduct({});
      },
      /^net\.onnx: /,
    ],
  ])("%s", async (_, run, message) => {
    await expect(run()).rejects.toThrow(message);
  });
});

it("says itself that a target has no library, and lets the runtime print nothing", async () => {
  const jiti = path("../../node_modules/jiti/lib/jiti-cli.mjs");
  // Where it is to be had, it is timed.
  const args = ["exam", "net.onnx", "--exams", "ask", "--target", "ort-cuda", "--budget", "100ms"];
  const child = spawn(process.execPath, [jiti, path("main.ts"), ...args], {
    cwd: at(),
    env: { ...process.env, XDG_CACHE_HOME: at("cache") },
  });
  let err = "";
  child.stderr.on("data", (text) => {
    err += text;
  });
  await once(child, "close");
  expect(err).toMatch(/^(error: target=ort-cuda is not |ask: )/);
  expect(err).not.toContain("[E:onnxruntime");
}, 60_000);

it.each([
  ["ask", "stopped; timings that were made are kept for the next time"],
  ["pulse", "stopped"],
])(
  "Ctrl-C stops %s, with nothing half written",
  async (exam, said) => {
    const jiti = path("../../node_modules/jiti/lib/jiti-cli.mjs");
    const args = [
      "exam",
      "net.onnx",
      "--input",
      "x=4,3,128,128",
      "--exams",
      exam,
      "--budget",
      "10m",
    ];
    const child = spawn(
      process.execPath,
      [jiti, path("main.ts"), ...args, "--output", "report.json", "--json"],
      { cwd: at(), env: { ...process.env, XDG_CACHE_HOME: at("cache") } },
    );
    const ended = once(child, "close");
    const lines: string[] = [];
    for await (const line of createInterface({ input: child.stderr })) {
      lines.push(line);
      if (line.startsWith(`${exam}: `)) child.kill("SIGINT");
    }
    expect(await ended).toEqual([130, null]);
    expect(lines.at(-1)).toBe(said);
    expect(readdirSync(at()).filter((name) => name !== "cache")).toEqual(["net.onnx"]);
  },
  120_000,
);
