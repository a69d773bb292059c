import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { runCli } from "../../tests/support/run-cli.js";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { parseModel } from "../graph/index.js";
import { encodeModel } from "../onnx/index.js";
import type { Checkup } from "../report/index.js";
import { Rng, writeNpy, zeros } from "../tensor/index.js";
import type { ExamJob } from "./exam/exam-job.js";

const at = temporaryFolder();
const cli = (...args: string[]) => runCli(at(), ["audit", "net.onnx", ...args]);
const look = ["--exam", "--exams", "look", "--data", "x.npy"];

/** What commands would examine; as if each was stopped at once. */
async function jobsOf(...commands: readonly string[][]): Promise<ExamJob[]> {
  const jobs: ExamJob[] = [];
  vi.doMock("./exam/examine-visibly.js", () => ({
    examineVisibly: async (_: unknown, job: ExamJob) => {
      jobs.push(job);
      return null;
    },
  }));
  for (const args of commands) await runCli(at(), args);
  vi.doUnmock("./exam/examine-visibly.js");
  return jobs;
}

/** Nothing for an audit to say, and something for an exam: half of the channels are always 0. */
beforeEach(async () => {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
    net (float[N, 3, H, W] x) => (y) <float[8, 3, 3, 3] a> {
    [stem] h = Conv<pads = [1, 1, 1, 1]>(x, a)
    y = Relu(h)
  }`);
  const weight = new Rng(1).normal([8, 3, 3, 3]);
  weight.data.set(zeros([4, 3, 3, 3]).data as Float32Array);
  model.graph.find("a")!.initializer = weight;
  writeFileSync(at("net.onnx"), await encodeModel(model));
  writeFileSync(at("x.npy"), writeNpy(new Rng(2).normal([4, 3, 16, 16])));
});

describe("groupconv audit --exam", () => {
  it("audits and examines, in one document", async () => {
    const { out, err, code } = await cli(...look, "--json", "--preset", "golden-rules");
    const checkup: Checkup = JSON.parse(out);
    expect(checkup).toMatchObject({
      model: "net.onnx",
      audit: { preset: "golden-rules", model: { name: "net.onnx" } },
      exam: { model: "net.onnx", data: { source: "x.npy", samples: 4 }, exams: [{ id: "look" }] },
    });
    expect(checkup.exam.findings.map(({ check }) => check)).toContain("dead-channels");
    expect(err).toMatch(/^look: 1 layer\n$/);
    expect(code).toBe(0);
  });

  it("audits the batches that are examined", async () => {
    const audited = async (...args: string[]) => {
      const { out } = await cli(...look, "--json", ...args);
      const { audit, exam }: Checkup = JSON.parse(out);
      const [{ macs }] = audit.convolutions;
      expect(audit.inputs).toMatchObject([{ name: "x", shape: exam.data.inputs[0].shape }]);
      return { shape: exam.data.inputs[0].shape, macs };
    };
    // One multiply-accumulate for each of 8 x 3 x 3 x 3 weights at each of the pixels.
    expect(await audited()).toEqual({ shape: [4, 3, 16, 16], macs: 216 * 4 * 16 * 16 });
    // There are only 4 samples.
    expect((await audited("--input", "x=9,3,16,16")).shape).toEqual([4, 3, 16, 16]);
  });

  it("times on the target that it judges for, if that can be timed", async () => {
    writeFileSync(at("groupconv.config.json"), JSON.stringify({ target: "ort-webgpu" }));
    const jobs = await jobsOf(
      ["audit", "net.onnx", "--exam", "--target", "ort-wasm", "--browser", "chrome"],
      ["audit", "net.onnx", "--exam", "--target", "xnnpack"],
      ["audit", "net.onnx", "--exam"],
    );
    expect(jobs.map(({ target, browser }) => [target, browser])).toEqual([
      ["ort-wasm", "chrome"],
      [undefined, undefined],
      ["ort-webgpu", undefined],
    ]);
  });

  it.each([
    ["audit", "net.onnx", "--exam"],
    ["exam", "net.onnx"],
  ])("prepares pictures as its flags say: %s", async (...command) => {
    const [job] = await jobsOf([
      ...[...command, "--data", "photos", "--pictures", "imagenet", "--scale", "1/250"],
      ...["--mean", "0", "--std", "0.5,1,2", "--order", "bgr", "--fit", "corner"],
      ...["--padding", "7", "--size", "64x48", "--layout", "NHWC", "--limit", "3"],
    ]);
    expect(job.images).toEqual({
      ...{ preset: "imagenet", scale: 1 / 250, mean: [0], std: [0.5, 1, 2], order: "bgr" },
      ...{ fit: "corner", padding: 7, size: [64, 48], layout: "NHWC", maxImages: 3 },
    });
  });

  it("fails for what an exam alone has found", async () => {
    const failOn = ["--fail-on", "info"];
    expect((await cli(...failOn)).code).toBe(0);
    const { out, code } = await cli(...look, ...failOn);
    expect(out).toMatch(/dead-channels[\s\S]* in 1 convolution and by 1 exam on x\.npy\n$/);
    expect(code).toBe(1);
  });

  it("writes pages and logs to files", async () => {
    for (const format of ["html", "sarif"]) {
      const { out, err } = await cli(...look, "--format", format, "--output", `report.${format}`);
      expect(out).toBe("");
      expect(err).toContain(`wrote report.${format}\n`);
      expect(readFileSync(at(`report.${format}`), "utf8")).toContain("dead-channels");
    }
    expect(readdirSync(at())).toHaveLength(4);
  });

  it("exits with 2 where one of the exams that --exams names could not be made", async () => {
    const model = parseModel(`<ir_version: 8, opset_import: ["" : 8]>
      net (float[N, 3, 8, 8] x) => (y) <float[8, 3, 1, 1] w> { y = Conv(x, w) }`);
    model.graph.find("w")!.initializer = new Rng(1).normal([8, 3, 1, 1]);
    writeFileSync(at("net.onnx"), await encodeModel(model));
    const args = ["--exam", "--limit", "2", "--input", "x=2,3,8,8", "--fail-on", "never"];
    expect((await cli(...args, "--exams", "look")).code).toBe(0);
    const { out, code } = await cli(...args, "--exams", "look,listen");
    expect(out).toContain("listen, Gradients: could not be made: ");
    expect(code).toBe(2);
  });

  it("prints what the audits say, and exits with 2, when no exam could be made", async () => {
    const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
      net (float[N, 3] x) => (y) { y = Relu(x) }`);
    writeFileSync(at("net.onnx"), await encodeModel(model));
    const { out, code } = await cli("--exam", "--exams", "pulse", "--fail-on", "never");
    expect(out).toContain("pulse, Trial: could not be made: ");
    expect(out).toContain("thin-groups: no convolution has groups");
    expect(code).toBe(2);
  });

  it.each([
    [
      ["--data", "x.npy"],
      /^error: --data is for the exams\n {2}Add --exam to audit and examine in/,
    ],
    [["--exams", "look", "--budget", "5s"], /^error: --exams, --budget are for the exams\n/],
    [["--exam", "--exams", "lok"], /exam="lok" is none of look/],
    [["--mean", "0.5", "--fit", "cover"], /^error: --mean, --fit are for the exams\n/],
    [
      ["--exam", "--data", "x.npy", "--std", "2"],
      /--std is for pictures of yours; arrays are taken/,
    ],
    [["--exam", "--pictures", "yolo"], /--pictures is for pictures of yours/],
    [["--exam", "--output", "net.onnx"], /--output net\.onnx is the model itself/],
    [["--exam", "--data", "none.npy"], /cannot read ".*none\.npy"/],
    [[...look, "--input", "y=4,3,16,16"], /input "y" is not an input of the model/],
  ])("refuses %j", async (args, message) => {
    const { out, err, code } = await cli(...args);
    expect(err).toMatch(message);
    expect(out).toBe("");
    expect(code).toBe(2);
  });
});
