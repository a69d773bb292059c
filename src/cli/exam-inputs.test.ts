import { writeFileSync } from "node:fs";
import { beforeEach, describe, expect, it } from "vitest";
import { runCli } from "../../tests/support/run-cli.js";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import type { ExamReport } from "../exams/index.js";
import { encodeModel } from "../onnx/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { Rng, type Tensor, writeNpy } from "../tensor/index.js";
import { conductExam } from "./exam/conduct-exam.js";
import { flagsToJob } from "./exam/flags-to-job.js";

const at = temporaryFolder();
const SHAPES = { stem: [8, 3, 3, 3], grouped: [8, 4, 3, 3], last: [6, 8, 1, 1] };
type Weight = keyof typeof SHAPES;

interface Variant {
  readonly irVersion?: number;
  readonly opset?: number;
  /** Weights that are inputs, too, with a default in the file. */
  readonly listed?: readonly Weight[];
  /** Weights that are inputs alone. */
  readonly given?: readonly Weight[];
}

let weights: Record<Weight, Tensor<"float32">>;

/** The same network every time, with its weights in different places of the file. */
async function writeNet({ irVersion = 8, opset = 17, listed = [], given = [] }: Variant) {
  const model = newModel("net");
  model.irVersion = irVersion;
  model.opsets.set("", opset);
  const b = new GraphBuilder(model.graph);
  const weightOf = (name: Weight) => {
    const isInput = given.includes(name) || listed.includes(name);
    const value = isInput ? b.input(name, SHAPES[name]) : b.constant(weights[name], name);
    if (listed.includes(name)) value.initializer = weights[name];
    return value;
  };
  const grouped = weightOf("grouped"); // a weight comes before the data
  const x = b.input("x", ["N", 3, 12, 12]);
  const h = b.op("Relu", [b.op("Conv", [x, weightOf("stem")], { pads: [1, 1, 1, 1] })]);
  const s = b.op("Relu", [b.op("Conv", [h, grouped], { group: 2, pads: [1, 1, 1, 1] })]);
  b.output(b.op("Conv", [s, weightOf("last")]), "y");
  writeFileSync(at("net.onnx"), await encodeModel(model));
}

beforeEach(() => {
  const rng = new Rng(1);
  const drawn = Object.entries(SHAPES).map(([name, shape]) => [name, rng.normal(shape)] as const);
  weights = Object.fromEntries(drawn) as typeof weights;
  for (const [name, weight] of drawn) writeFileSync(at(`${name}.npy`), writeNpy(weight));
  writeFileSync(at("x.npy"), writeNpy(new Rng(2).normal([5, 3, 12, 12])));
});

/** As the command does it, without its thread, which takes seconds to start from sources. */
function examine(...data: string[]): Promise<ExamReport> {
  const flags = { data, exams: ["look", "listen", "pulse"] };
  const shapes = { x: [2, 3, 12, 12] }; // the last batch is smaller
  const job = flagsToJob(at(), flags, shapes, "net.onnx");
  return conductExam(job, () => {}, new AbortController().signal);
}

async function sectionsOf(...data: string[]): Promise<ExamReport["sections"]> {
  const report = await examine(...data);
  expect(report.exams.map(({ status }) => status)).toEqual(["done", "done", "done"]);
  return report.sections;
}

/** Numbers that do not depend on where the weights lie, but for rounding. */
function numbersOf({ look, listen, pulse }: ExamReport["sections"]): number[] {
  return [
    ...look!.layers.flatMap(({ output }) => [output.meanAbsR!, output.observations]),
    ...listen!.layers.flatMap((layer) => [layer.output.rms, layer.weight.rms, layer.elasticity]),
    ...listen!.inputs.map(({ rms }) => rms),
    ...[listen!.samples, listen!.batchSize, pulse!.samples],
  ];
}

describe("groupconv exam, of weights that are inputs of the graph,", () => {
  it.each<[string, Variant]>([
    [
      "does not ask for those of old files, which list every initializer",
      { irVersion: 3, opset: 9, listed: ["stem", "grouped", "last"] },
    ],
    ["does not ask for those with a default", { listed: ["grouped", "last"] }],
  ])("%s", async (_, variant) => {
    await writeNet({});
    const constant = await sectionsOf("x.npy");
    await writeNet(variant);
    const found = await sectionsOf("x.npy");
    expectClose(numbersOf(found), numbersOf(constant));
    expect(found.pulse?.layers.length).toBe(constant.pulse?.layers.length);
  });

  it("takes the others by name, one value for all samples", async () => {
    await writeNet({});
    const constant = await sectionsOf("x.npy");
    await writeNet({ given: ["grouped", "stem"] });
    const data = ["x", "stem", "grouped"].map((name) => `${name}=${name}.npy`);
    expectClose(numbersOf(await sectionsOf(...data)), numbersOf(constant));
    const flags = data.flatMap((one) => ["--data", one]);
    const { out, code } = await runCli(at(), ["exam", "net.onnx", ...flags, "--exams", "look"]);
    expect(out.replace(/\s+/g, " ")).toContain(
      "5 samples, in batches of x [5, 3, 12, 12] float32; for all samples grouped [8, 4, 3, 3] float32, stem [8, 3, 3, 3] float32",
    );
    expect(code).toBe(0);
  });

  it.each<[string, readonly string[], RegExp]>([
    ["no data at all", [], /input "grouped" is one value for all samples, .* every input/],
    ["no name", ["x.npy"], /has 2 inputs; give data to each by its name: grouped, x/],
    ["no weight", ["x=x.npy"], /no data for input "grouped"; the model has 2 inputs/],
    [
      "a batch of weights",
      ["x=x.npy", "grouped=x.npy"],
      /"grouped": shape=\[5,3,12,12\] does not fit the model's \[8,4,3,3\]/,
    ],
    [
      "pictures of a weight",
      ["x=x.npy", "grouped=pictures"],
      /"grouped", which is one value for all samples: ".*pictures" must be an \.npy file/,
    ],
    [
      "a value that the file has",
      ["x=x.npy", "grouped=grouped.npy", "last=last.npy"],
      /data for "last", whose value is in the model; leave it out/,
    ],
  ])("refuses %s", async (_, data, message) => {
    await writeNet({ given: ["grouped"], listed: ["last"] });
    await expect(examine(...data)).rejects.toThrow(message);
  });
});

/** To six digits: kernels for weights that are known beforehand sum in another order. */
function expectClose(found: readonly number[], wanted: readonly number[]): void {
  expect(found.length).toBe(wanted.length);
  for (const [i, value] of found.entries())
    expect(Math.abs(value - wanted[i])).toBeLessThanOrEqual(1e-6 * Math.abs(wanted[i]));
}
