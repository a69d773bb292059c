import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { InferenceSession } from "onnxruntime-node";
import { beforeAll, describe, expect, it } from "vitest";
import { product } from "../../util/math.js";
import { ortCpu } from "./ort-cpu.js";
import type { ConvShape } from "./target.js";

/** A convolution of the test model; either of its parameters may be an input instead of a constant. */
interface TestConv extends ConvShape {
  weight?: "computed";
  bias?: "constant" | "computed";
}

let blockSize: number;

beforeAll(async () => {
  // Two groups of 8 and of 16: the smallest that the blocks of AVX2 and of AVX-512 accept.
  const probes = [8, 16].map((c) => conv2d(2 * c, 2 * c, 2));
  const blocked = await blockedInReality(probes);
  blockSize = blocked[0] ? 8 : blocked[1] ? 16 : 1;
});

describe("ort-cpu against the optimised graphs of the runtime", () => {
  it("predicts every channel and group count of a grid", async () => {
    const channels = [
      1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14, 15, 16, 17, 18, 20, 24, 28, 30, 31, 32, 33, 36, 40, 48,
      56, 60, 64, 72, 80, 96, 128, 160, 192, 256,
    ];
    const grid = channels.flatMap((i) =>
      channels.flatMap((o) => commonDivisors(i, o).map((groups) => conv2d(i, o, groups))),
    );
    expect(grid.length).toBeGreaterThan(3000);
    if (process.arch === "x64") expect(blockSize).toBeGreaterThan(1); // or the grid would show nothing
    for (
      let n = 0;
      n < grid.length;
      n += 300 // one session for all takes ten times as long
    )
      expect(await mispredicted(grid.slice(n, n + 300))).toEqual([]);
  });

  it("predicts every window, stride, dilation, rank, bias and operator", async () => {
    const layers = [
      [3, 64, 1],
      [18, 32, 1],
      [32, 64, 1],
      [32, 32, 2],
      [32, 32, 4],
      [32, 32, 8],
      [32, 32, 32],
      [30, 30, 30],
      [16, 32, 16],
    ].map(([i, o, groups]) => conv2d(i, o, groups));
    const variations: Partial<TestConv>[] = [
      { kernel: [3, 3] },
      { kernel: [7, 1] },
      { kernel: [3, 3], strides: [2, 2] },
      { kernel: [3, 3], strides: [1, 5] },
      { kernel: [3, 3], dilations: [2, 2] },
      { kernel: [3], strides: [1], dilations: [1] },
      { kernel: [3, 3, 3], strides: [1, 1, 1], dilations: [1, 1, 1] },
      { bias: "constant" },
      { bias: "computed", constantWeights: false },
      { weight: "computed", constantWeights: false },
      { op: "ConvTranspose", kernel: [2, 2] },
    ];
    const grid = layers.flatMap((layer) => variations.map((other) => ({ ...layer, ...other })));
    expect(await mispredicted(grid)).toEqual([]);
  });

  it("predicts a convolution behind another, whose input is already blocked", async () => {
    const chain = [
      [3, 24, 1],
      [24, 24, 24],
      [24, 18, 1],
      [18, 18, 18],
      [18, 32, 1],
      [32, 64, 2],
      [64, 64, 8],
      [64, 12, 1],
      [12, 16, 4],
      [16, 16, 1],
    ].map(([i, o, groups]) => conv2d(i, o, groups));
    expect(await mispredicted(chain, { chained: true })).toEqual([]);
  });
});

describe("ort-cpu without a probed block", () => {
  const path = (i: number, o: number, groups: number) => ortCpu.predict(conv2d(i, o, groups)).path;

  it("is sure where AVX2 and AVX-512 agree", () => {
    expect(path(64, 64, 4)).toBe("fast"); // 16 per group
    expect(path(64, 64, 16)).toBe("slow"); // 4 per group
    expect(path(64, 64, 64)).toBe("depthwise");
    expect(path(30, 30, 30)).toBe("slow"); // depthwise, no multiple of 4
    expect(path(64, 64, 1)).toBe("fast");
    expect(path(18, 64, 1)).toBe("slow"); // dense, no multiple of 4
  });

  it("says what it depends on where they do not", () => {
    expect(path(64, 64, 8)).toBe("unknown"); // 8 per group
    expect(path(10, 64, 1)).toBe("unknown"); // under a block of 16, over one of 8
    expect(ortCpu.predict(conv2d(64, 64, 8)).reason).toBe(
      "fast with blocks of 8 (AVX2), slow with blocks of 16 (AVX-512): probe the machine",
    );
  });

  it("knows nothing of builds without blocks", () => {
    expect(ortCpu.predict(conv2d(64, 64, 4), { blockSize: 1 }).path).toBe("unknown");
    expect(ortCpu.channelsPerGroup({ blockSize: 1 })).toBeNull();
  });
});

function conv2d(inChannels: number, outChannels: number, groups: number): TestConv {
  return { inChannels, outChannels, groups, kernel: [1, 1] };
}

function commonDivisors(a: number, b: number): number[] {
  const divisors: number[] = [];
  for (let d = 1; d <= Math.min(a, b); d++) if (a % d === 0 && b % d === 0) divisors.push(d);
  return divisors;
}

async function mispredicted(convs: TestConv[], options = { chained: false }): Promise<string[]> {
  const blocked = await blockedInReality(convs, options);
  return convs
    .filter((conv, n) => {
      const { path } = ortCpu.predict(conv, { blockSize });
      return (path === "fast" || path === "depthwise") !== blocked[n];
    })
    .map((conv) => JSON.stringify(conv));
}

/** For each convolution, whether the runtime's optimised graph runs it blocked. */
async function blockedInReality(
  convs: TestConv[],
  options = { chained: false },
): Promise<boolean[]> {
  const folder = mkdtempSync(join(tmpdir(), "groupconv-"));
  try {
    const optimized = join(folder, "optimized.onnx");
    const session = await InferenceSession.create(encodeModel(convs, options), {
      graphOptimizationLevel: "all",
      optimizedModelFilePath: optimized,
      intraOpNumThreads: 1,
      logSeverityLevel: 3, // the warning that such a file fits this machine only
    });
    await session.release();
    const blocked = blockedOutputs(readFileSync(optimized));
    return convs.map((_, n) => blocked.has(`y${n}_nchwc`));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Field numbers of onnx.proto3. */
function encodeModel(convs: TestConv[], { chained }: { chained: boolean }): Uint8Array {
  const nameOfInput = (n: number) => (chained && n > 0 ? `y${n - 1}` : `x${n}`);
  const model = new BinaryWriter();
  int(model, 1, 8); // ir_version
  message(model, 8, (opset) => int(opset, 2, 17));
  message(model, 7, (graph) => {
    convs.forEach((conv, n) => {
      message(graph, 1, (node) => {
        text(node, 1, nameOfInput(n));
        text(node, 1, `w${n}`);
        if (conv.bias) text(node, 1, `b${n}`);
        text(node, 2, `y${n}`);
        text(node, 3, `conv${n}`);
        text(node, 4, conv.op ?? "Conv");
        const ones = conv.kernel.map(() => 1);
        intAttribute(node, "group", conv.groups);
        intsAttribute(node, "strides", conv.strides ?? ones);
        intsAttribute(node, "dilations", conv.dilations ?? ones);
      });
      const { inChannels, outChannels, groups, kernel } = conv;
      const channels =
        conv.op === "ConvTranspose"
          ? [inChannels, outChannels / groups]
          : [outChannels, inChannels / groups];
      const weight = [...channels, ...kernel];
      if (conv.weight === "computed") valueInfo(graph, 11, `w${n}`, weight);
      else initializer(graph, `w${n}`, weight);
      if (conv.bias === "constant") initializer(graph, `b${n}`, [outChannels]);
      if (conv.bias === "computed") valueInfo(graph, 11, `b${n}`, [outChannels]);
      const size = kernel.map(() => 20);
      if (!chained || n === 0) valueInfo(graph, 11, `x${n}`, [1, inChannels, ...size]);
      if (!chained || n === convs.length - 1) valueInfo(graph, 12, `y${n}`, null);
    });
    text(graph, 2, "test");
  });
  return model.finish();
}

function message(w: BinaryWriter, field: number, write: (inner: BinaryWriter) => void): void {
  w.tag(field, WireType.LengthDelimited).fork();
  write(w);
  w.join();
}

function text(w: BinaryWriter, field: number, value: string): void {
  w.tag(field, WireType.LengthDelimited).string(value);
}

function int(w: BinaryWriter, field: number, value: number): void {
  w.tag(field, WireType.Varint).int64(value);
}

function intAttribute(w: BinaryWriter, name: string, value: number): void {
  message(w, 5, (attribute) => {
    text(attribute, 1, name);
    int(attribute, 3, value);
    int(attribute, 20, 2); // INT
  });
}

function intsAttribute(w: BinaryWriter, name: string, values: readonly number[]): void {
  message(w, 5, (attribute) => {
    text(attribute, 1, name);
    for (const value of values) int(attribute, 8, value);
    int(attribute, 20, 7); // INTS
  });
}

function initializer(w: BinaryWriter, name: string, dims: number[]): void {
  message(w, 5, (tensor) => {
    for (const dim of dims) int(tensor, 1, dim);
    int(tensor, 2, 1); // FLOAT
    text(tensor, 8, name);
    tensor.tag(9, WireType.LengthDelimited).bytes(new Uint8Array(4 * product(dims)));
  });
}

function valueInfo(w: BinaryWriter, field: number, name: string, dims: number[] | null): void {
  message(w, field, (info) => {
    text(info, 1, name);
    message(info, 2, (type) =>
      message(type, 1, (tensor) => {
        int(tensor, 1, 1); // FLOAT
        if (dims)
          message(tensor, 2, (shape) => {
            for (const value of dims) message(shape, 1, (dim) => int(dim, 1, value));
          });
      }),
    );
  });
}

/** Names of the blocked convolutions of a model: the runtime calls them after their output. */
function blockedOutputs(model: Uint8Array): Set<string> {
  const decoder = new TextDecoder();
  const textField = (node: Uint8Array, field: number) =>
    fields(node, field).map((bytes) => decoder.decode(bytes))[0];
  const nodes = fields(model, 7).flatMap((graph) => fields(graph, 1));
  return new Set(
    nodes
      .filter((node) => textField(node, 4) === "Conv")
      .filter((node) => textField(node, 7) === "com.microsoft.nchwc")
      .map((node) => textField(node, 3)),
  );
}

/** The length-delimited fields of one number in a message. */
function fields(bytes: Uint8Array, wanted: number): Uint8Array[] {
  const found: Uint8Array[] = [];
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === wanted && wireType === WireType.LengthDelimited) found.push(reader.bytes());
    else reader.skip(wireType);
  }
  return found;
}
