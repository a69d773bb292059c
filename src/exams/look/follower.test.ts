import { describe, expect, it } from "vitest";
import { survey } from "../../analysis/index.js";
import { type Model, parseModel } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { Session } from "../../runtime/index.js";
import { Rng } from "../../tensor/index.js";
import { product } from "../../util/math.js";
import type { ExamData } from "../exam-data.js";
import { tensorData } from "../tensor-data.js";
import { Follower } from "./follower.js";
import type { Subject } from "./measure.js";
import { Reducer } from "./statistics.js";
import { findSubjects } from "./subjects.js";

const [N, C] = [3, 4];

async function subjectsOf(model: Model, { summary }: ExamData): Promise<Subject[]> {
  const options = { maxObservations: 1, rankChannels: 128 }; // 16 positions of each sample
  return findSubjects(await survey(model), summary, options).subjects;
}

async function layer(
  body: string,
  { size = [5, 6], opset = 17 }: { size?: number[]; opset?: number } = {},
): Promise<{ model: Model; data: ExamData; subject: Subject }> {
  const shape = [N, C, ...size];
  const ones = size.map(() => 1).join(", ");
  const axes = size.join(", ");
  const model = parseModel(`m (float[${shape}] x) => (y) <
      float[${C}, ${C}, ${ones}] w, float[${C}] s = {0.5, 1.5, 2, 1}, float[${C}] b = {0.1, -0.2, 0.3, 0},
      float[${C}, ${ones}] c = {0.5, -1, 2, 0.1}, float three = {3.0}, float six = {6.0}, float zero = {0.0},
      float[${axes}] place, float[${N}, 1, ${ones}] sample, float[1, 1, 1, ${C}, ${ones}] longer = {1, 2, 3, 4}> {
      a = Conv(x, w) ${body} }`);
  model.opsets.set("", opset);
  const data = await tensorData(model, new Rng(1).normal(shape));
  return { model, data, subject: (await subjectsOf(model, data))[0] };
}

/** The value behind a layer as a plain run writes it, and as it follows from the layer's output. */
async function bothWays({ model, data, subject }: Awaited<ReturnType<typeof layer>>) {
  const { taps, shape } = subject;
  const copy = copyModel(model);
  const names = [taps.output.name, taps.after!.name];
  copy.graph.outputs.splice(0, Infinity, ...names.map((name) => copy.graph.find(name)!));
  const session = await Session.create(copy, { optimisation: "disabled" });
  const [output, after] = Object.values(await session.run(await data.batch(0)));
  await session.release();
  const reducer = new Reducer();
  const [samples, channels, ...size] = shape;
  const following = await reducer.follow(
    { data: output.data as Float32Array, samples, channels, positions: product(size) },
    new Follower(taps.way, taps.output, shape.length, model.opset),
  );
  await reducer.release();
  return { plain: after.data as Float32Array, following: following.data };
}

const NORM = "n = BatchNormalization(a, s, b, b, s)";

describe("what follows position by position", () => {
  it.each([
    ["an activation", "y = Relu(a)"],
    ["norm and activation", `${NORM} y = LeakyRelu<alpha = 0.2>(n)`],
    ["a slope for each channel", "y = PRelu(a, c)"],
    ["scales and shifts of channels", "d = Mul(a, c) e = Add(d, c) y = Tanh(e)"],
    ["two ways", "d = Sigmoid(a) y = Mul(a, d)"],
    [
      "hard swish, spelt out",
      "d = Add(a, three) e = Clip(d, zero, six) f = Mul(a, e) y = Div(f, six)",
    ],
    ["a constant that is divided", "y = Div(six, a)"],
    ["a bound left out", "y = Clip(a, , three)"],
    ["a constant by way of Identity", "d = Identity(c) y = PRelu(a, d)"],
    ["one axis", `${NORM} d = Mul(n, c) y = Relu(d)`, { size: [40] }],
    ["three axes", `${NORM} y = PRelu(n, c)`, { size: [4, 5, 6] }],
    ["bounds of an older version", "y = Clip<min = -0.5, max = 0.5>(a)", { opset: 9 }],
  ])("%s", async (_, body, options?) => {
    const one = await layer(body, options);
    expect(one.subject.followsOutput).toBe(true);
    const { plain, following } = await bothWays(one);
    expect(following).toHaveLength(plain.length);
    const worst = plain.reduce((most, v, i) => Math.max(most, Math.abs(v - following[i])), 0);
    const largest = plain.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    expect(worst).toBeLessThan(1e-6 * largest);
    expect(largest).toBeGreaterThan(0.1);
  });

  it("is of the layer's own constants where two layers have one graph", async () => {
    const model = parseModel(`m (float[1, 2, 8, 8] x) => (y, z) <
        float[2, 2, 1, 1] w = {1, 0, 0, 1}, float[2, 1, 1] p = {0.5, 0.25}, float[2, 1, 1] q = {2, 3}> {
        a = Conv(x, w) y = PRelu(a, p) b = Conv(x, w) z = PRelu(b, q) }`);
    const data = await tensorData(model, new Rng(1).normal([1, 2, 8, 8]));
    const followers = (await subjectsOf(model, data)).map(
      ({ taps }) => new Follower(taps.way, taps.output, 4, 17),
    );
    expect(followers[0].key).toBe(followers[1].key);
    const reducer = new Reducer();
    const observations = {
      data: Float32Array.of(1, -1, -2, 4, -8, 1, 1, -4),
      samples: 1,
      channels: 2,
      positions: 4,
    };
    const seen: number[][] = [];
    for (const follower of followers)
      seen.push([...(await reducer.follow(observations, follower)).data]);
    await reducer.release();
    expect(seen).toEqual([
      [1, -0.5, -1, 4, -2, 1, 1, -1],
      [1, -2, -4, 4, -24, 1, 1, -12],
    ]);
  });
});

it.each([
  ["a norm over positions", "y = InstanceNormalization(a, s, b)"],
  ["a constant that differs by position", "d = Mul(a, place) y = Relu(d)"],
  ["a constant that differs by sample", "d = Mul(a, sample) y = Relu(d)"],
  ["a constant of more axes", "d = Mul(a, longer) y = Relu(d)"],
  ["a constant that is computed", "d = Exp(c) e = Mul(a, d) y = Relu(e)"],
  [
    "a norm that takes its statistics from the batch",
    "n, m, v = BatchNormalization<training_mode = 1>(a, s, b, b, s) y = Relu(n)",
  ],
])("reads what stands behind %s itself", async (_, body) => {
  const { subject } = await layer(body);
  expect(subject.taps.after).not.toBeNull();
  expect(subject.followsOutput).toBe(false);
});

it("reads what stands behind a layer of float16 itself", async () => {
  const model = parseModel(`m (float16[2, 2, 8, 8] x) => (y) <float16[2, 2, 1, 1] w> {
      a = Conv(x, w) y = Relu(a) }`);
  const data = await tensorData(model, new Rng(1).normal([2, 2, 8, 8]));
  const [subject] = await subjectsOf(model, data);
  expect([subject.taps.after?.name, subject.followsOutput]).toEqual(["y", false]);
});

it("reads what is seen whole itself", async () => {
  const { subject } = await layer("y = Relu(a)", { size: [4, 4] });
  expect([subject.taps.after?.name, subject.followsOutput]).toEqual(["y", false]);
});
