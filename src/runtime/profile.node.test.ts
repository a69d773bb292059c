import { readdirSync } from "node:fs";
import { expect, it } from "vitest";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { parseModel } from "../graph/index.js";
import { Rng, tensor } from "../tensor/index.js";
import { RuntimeError } from "../util/errors.js";
import { median } from "../util/statistics.js";
import { fusedNodes } from "./fused-nodes.js";
import { profileRuns } from "./profile.node.js";
import { nodeSumMs } from "./trace.js";

const at = temporaryFolder();

/** A convolution whose norm and activation are fused into it, and a product of 256 x 256 matrices. */
function network() {
  const rng = new Rng(1);
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
  net (float[1, 32, 16, 16] x) => (float[1, 32, 256, 256] y)
    <float[32, 32, 3, 3] w, float[32] s, float[32] b, float[32] m, float[32] v, float[256, 256] k> {
    [conv] c = Conv<pads = [1, 1, 1, 1]>(x, w)
    [norm] n = BatchNormalization(c, s, b, m, v)
    [act] r = Relu(n)
    [up] u = Resize<mode = "nearest">(r, , f)
    f = Constant<value = float[4] {1, 1, 16, 16}>()
    [product] y = MatMul(u, k)
  }`);
  for (const value of model.graph.initializers)
    value.initializer = rng.uniform(value.initializer!.shape, 0.5, 1);
  return { model, x: rng.normal([1, 32, 16, 16]) };
}

it("gives every node that runs a time, and they sum up to the whole", async () => {
  const { model, x } = network();
  const seen: number[] = [];
  const profile = await profileRuns(
    model,
    { x },
    { runs: 8, warmUps: 2, threads: 1, onProgress: (done) => seen.push(done) },
  );
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(profile.plainMs).toHaveLength(8);
  expect(profile.wholeMs).toHaveLength(8);
  const names = profile.optimised.graph.nodes.map(({ name }) => name);
  for (const node of profile.nodes) expect(names).toContain(node.name);

  const product = profile.nodes.find(({ op }) => op === "MatMul")!;
  expect(product.outputShapes).toEqual([[1, 32, 256, 256]]);
  expect(product.dataBytes).toBe(4 * 2 * 32 * 256 * 256);
  const sums = nodeSumMs(profile);
  // 1.07 GFLOP against 5 MFLOP, in each run of the very same time
  expect(median(product.ms.map((ms, run) => ms / sums[run]))).toBeGreaterThan(0.5);
  const shares = sums.map((sum, run) => sum / profile.wholeMs[run]);
  expect(median(shares)).toBeGreaterThan(0.8);
  for (const share of shares) expect(share).toBeLessThan(1.05);

  const origins = fusedNodes(model.graph, profile.optimised.graph);
  const worked = profile.optimised.graph.nodes.map((node) =>
    origins.get(node)!.map(({ name }) => name),
  );
  expect(worked).toContainEqual(["act", "norm", "conv"]);
  expect(worked).toContainEqual(["product"]);
  expect(worked.flat().sort()).toEqual(["act", "conv", "norm", "product", "up"]);
});

it("spreads the runs over sessions, and makes no more than are asked for", async () => {
  const { model, x } = network();
  const seen: number[] = [];
  const options = { warmUps: 1, threads: 1, onProgress: (done: number) => seen.push(done) };
  const profile = await profileRuns(model, { x }, { ...options, runs: 5, sessions: 3 });
  expect(profile.sessions).toEqual([0, 0, 1, 1, 2]);
  expect(seen).toEqual([0, 1, 2, 3, 4]);
  expect(profile.wholeMs).toHaveLength(5);
  expect(profile.plainMs).toHaveLength(5);
  for (const { ms } of profile.nodes) expect(ms.filter((one) => one > 0)).toHaveLength(5);

  const two = await profileRuns(model, { x }, { ...options, runs: 2, sessions: 6 });
  expect(two.sessions).toEqual([0, 1]);
  // where time is over at once, no run is made that need not be, and no session opened for it
  const least = await profileRuns(model, { x }, { ...options, sessions: 6, budgetMs: 0 });
  expect(least.sessions).toEqual([0, 0, 0]);
});

it("takes the profiler's own time off many small nodes", async () => {
  const chain = Array.from(
    { length: 400 },
    (_, i) => `v${i + 1} = ${i % 2 ? "Abs" : "Neg"}(v${i})`,
  );
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
    chain (float[8] v0) => (float[8] v400) { ${chain.join(" ")} }`);
  const x = new Rng(1).normal([8]);
  const profile = await profileRuns(model, { v0: x }, { runs: 40, threads: 1 });
  expect(profile.nodes).toHaveLength(400);
  expect(profile.profilerMs).toHaveLength(6);
  // With it they would come to several times the whole.
  expect(median(nodeSumMs(profile)) / median(profile.plainMs)).toBeLessThan(3);
});

it("charges a loop nothing that the profiler takes around the nodes of its body", async () => {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
    m (float[8] x, int64 n, bool go) => (y) {
      [loop] y = Loop<body = pass (int64 i, bool more, float[8] a) => (bool again, float[8] e) {
        again = Identity(more)
        b = Neg(a)
        c = Abs(b)
        d = Neg(c)
        e = Abs(d)
      }>(n, go, x)
    }`);
  const feeds = { x: new Rng(1).normal([8]), n: tensor([100n], []), go: tensor([1], [], "bool") };
  const profile = await profileRuns(model, feeds, { runs: 20, threads: 1 });
  const loop = profile.nodes.find(({ name }) => name === "loop")!;
  expect(profile.nodes.length).toBeGreaterThan(4);
  // With it the loop would come to four times the whole, and all to six times.
  expect(median(loop.ms) / median(profile.plainMs)).toBeLessThan(1.5);
  expect(median(nodeSumMs(profile)) / median(profile.plainMs)).toBeLessThan(3);
});

it("tells nodes apart that have no name, or one name together", async () => {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
  net (float[1, 8, 6, 6] x) => (y) <float[8, 8, 3, 3] w> {
    a = Conv(x, w)
    [twin] b = Sqrt(a)
    [twin] y = Conv(b, w)
  }`);
  const x = new Rng(1).normal([1, 8, 6, 6]);
  const { nodes, optimised } = await profileRuns(model, { x }, { runs: 3, threads: 1 });
  const origins = fusedNodes(model.graph, optimised.graph);
  const outputs = nodes.flatMap(({ name }) => {
    const node = optimised.graph.nodes.find((one) => one.name === name)!;
    return origins.get(node)!.map((origin) => origin.outputs[0]!.name);
  });
  expect(outputs.sort()).toEqual(["a", "b", "y"]);
  expect(model.graph.nodes.map(({ name }) => name)).toEqual(["", "twin", "twin"]); // the caller's own
});

it("leaves nothing behind, and stops when told to", async () => {
  const { model, x } = network();
  const before = process.env.TMPDIR;
  process.env.TMPDIR = at();
  try {
    const abort = new AbortController();
    const stopped = profileRuns(
      model,
      { x },
      { runs: 1000, signal: abort.signal, onProgress: (done) => done === 1 && abort.abort() },
    );
    await expect(stopped).rejects.toThrow(/abort/);
    await expect(profileRuns(model, { z: tensor([1], [1]) })).rejects.toThrow(RuntimeError);
    expect(readdirSync(at())).toEqual([]);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
});
