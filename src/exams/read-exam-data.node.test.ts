import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import sharp from "sharp";
import { beforeEach, describe, expect, it } from "vitest";
import { temporaryFolder } from "../../tests/support/temporary-folder.js";
import { parseModel } from "../graph/index.js";
import { tensor, toFloat64, writeNpy, writeNpz, zeros } from "../tensor/index.js";
import { FormatError, ShapeError, UsageError } from "../util/errors.js";
import { range } from "../util/math.js";
import { readExamData } from "./read-exam-data.node.js";

const at = temporaryFolder();
const rgb = () => parseModel("m (float[N, 3, 2, 4] x) => (y) { y = Relu(x) }");

/** A picture of one colour. */
const plain = (path: string, [r, g, b]: number[], width = 4, height = 2) =>
  sharp({ create: { width, height, channels: 3, background: { r, g, b } } })
    .png()
    .toFile(path);

async function numbers(...args: Parameters<typeof readExamData>): Promise<number[][]> {
  const data = await readExamData(...args);
  const samples: number[][] = [];
  for (const index of range(data.batchCount)) {
    const { x } = await data.batch(index);
    const all = [...toFloat64(x.dtype, x.bytes, x.size)];
    const each = all.length / x.shape[0];
    for (const sample of range(x.shape[0]))
      samples.push(all.slice(sample * each, (sample + 1) * each));
  }
  return samples;
}

describe("a folder of pictures", () => {
  beforeEach(async () => {
    mkdirSync(at("pictures", "more"), { recursive: true });
    await plain(at("pictures", "a.png"), [255, 0, 51]);
    await plain(at("pictures", "more", "b.png"), [0, 255, 102]);
    writeFileSync(at("pictures", "notes.txt"), "no picture");
  });

  it("is read with the folders in it, colours to axis 1, from 0 to 1", async () => {
    const flat = (r: number, g: number, b: number) => [r, g, b].flatMap((v) => Array(8).fill(v));
    const read = await numbers(rgb(), at("pictures"));
    for (const [i, expected] of [flat(1, 0, 0.2), flat(0, 1, 0.4)].entries())
      read[i].forEach((value, k) => {
        expect(value).toBeCloseTo(expected[k], 6);
      });
    const { summary } = await readExamData(rgb(), at("pictures"));
    expect(summary).toMatchObject({
      source: "2 pictures in pictures",
      synthetic: false,
      samples: 2,
      skipped: [],
    });
  });

  it("as ImageNet's: mean and deviation of each colour", async () => {
    const [a] = await numbers(rgb(), at("pictures"), { images: { preset: "imagenet" } });
    expect(a[0]).toBeCloseTo((1 - 0.485) / 0.229, 5);
    expect(a[8]).toBeCloseTo((0 - 0.456) / 0.224, 5);
    expect(a[16]).toBeCloseTo((0.2 - 0.406) / 0.225, 5);
  });

  it("as PaddleOCR's: the same numbers, blue first", async () => {
    const [a] = await numbers(rgb(), at("pictures"), { images: { preset: "ocr-det" } });
    expect(a[0]).toBeCloseTo((0.2 - 0.485) / 0.229, 5);
    expect(a[16]).toBeCloseTo((1 - 0.406) / 0.225, 5);
  });

  it("as it is told to, whatever the preset says", async () => {
    // Blue 51, green 0, red 255: 51 / 51 = 1, (1 - 0.5) / 2 = 0.25; (0 - 1) / 4; (5 - 3) / 8
    const images = { scale: 1 / 51, mean: [0.5, 1, 3], std: [2, 4, 8], order: "bgr" } as const;
    const [a] = await numbers(rgb(), at("pictures"), { images: { preset: "imagenet", ...images } });
    expect([a[0], a[8], a[16]]).toEqual([0.25, -0.25, 0.25]);
  });

  it("of any size that one of several inputs leaves open", async () => {
    const two = parseModel(
      "m (float[N, 3, 2, 4] x, float[N, 3, H, W] z) => (y, v) { y = Relu(x) v = Relu(z) }",
    );
    const paths = { x: at("pictures"), z: at("pictures") };
    const { inputShapes } = await readExamData(two, paths, { images: { size: [6, 5] } });
    expect(inputShapes).toEqual({ x: [2, 3, 2, 4], z: [2, 3, 6, 5] });
  });

  it("for inputs with colours last, and of bytes", async () => {
    const last = parseModel("m (uint8[N, H, W, 3] x) => (y) { y = Cast<to = 1>(x) }");
    const [a] = await numbers(last, at("pictures"), { images: { size: [2, 4] } });
    expect(a.slice(0, 6)).toEqual([255, 0, 51, 255, 0, 51]);
  });

  it("for half floats, and for grey", async () => {
    const grey = parseModel("m (float16[N, 1, 2, 4] x) => (y) { y = Relu(x) }");
    const [a] = await numbers(grey, at("pictures"), { images: { preset: "raw" } });
    // 0.299 * 255 + 0.114 * 51 = 82.1
    expect(a).toHaveLength(8);
    expect(Math.abs(a[0] - 82)).toBeLessThanOrEqual(1);
  });

  it("lists what cannot be decoded, and goes on", async () => {
    writeFileSync(at("pictures", "broken.jpg"), "not a jpeg");
    const { summary } = await readExamData(rgb(), at("pictures"));
    expect(summary.samples).toBe(2);
    expect(summary.skipped).toEqual([
      { name: "broken.jpg", reason: expect.stringMatching(/unsupported image format/i) },
    ]);
  });

  it("keeps so many bytes of them and decodes the others anew, with the same numbers", async () => {
    const one = 2 * 4 * 3; // bytes
    const some = { batchSize: 1, keepBytes: 2 * one - 1 };
    const data = await readExamData(rgb(), at("pictures"), some);
    expect(data.heldBytes).toBe(one);
    expect((await readExamData(rgb(), at("pictures"))).heldBytes).toBe(2 * one);
    expect(await numbers(rgb(), at("pictures"), some)).toEqual(
      await numbers(rgb(), at("pictures")),
    );
    rmSync(at("pictures"), { recursive: true });
    expect((await data.batch(0)).x.shape).toEqual([1, 3, 2, 4]);
    await expect(data.batch(1)).rejects.toThrow(/b\.png" can be decoded no more: .*missing/);
  });

  it("follows links to files, and lists those that lead nowhere", async () => {
    symlinkSync(at("pictures", "a.png"), at("pictures", "link.png"));
    symlinkSync(at("gone"), at("pictures", "dangling.png"));
    symlinkSync(at("pictures", "more"), at("pictures", "folder.png"));
    const { summary } = await readExamData(rgb(), at("pictures"));
    expect(summary.source).toBe("3 of 4 pictures in pictures");
    expect(summary.skipped.map(({ name }) => name)).toEqual(["dangling.png"]);
  });

  it("keeps no more where several inputs take pictures", async () => {
    const two = parseModel(`
      m (float[N, 3, 2, 4] a, float[N, 3, 2, 4] b) => (y) { y = Add(a, b) }`);
    const one = 2 * 4 * 3; // bytes
    const folders = { a: at("pictures"), b: at("pictures") };
    const heldOf = async (keepBytes: number) =>
      (await readExamData(two, folders, { keepBytes })).heldBytes;
    // Two pictures for each of two inputs.
    expect([await heldOf(4 * one), await heldOf(2 * one), await heldOf(2 * one - 1)]).toEqual([
      ...[4 * one, 2 * one, 0],
    ]);
  });

  it("takes so many of them, evenly spread", async () => {
    for (const i of range(8)) await plain(at("pictures", `c${i}.png`), [i, 0, 0]);
    const { summary } = await readExamData(rgb(), at("pictures"), { images: { maxImages: 5 } });
    expect([summary.samples, summary.source]).toEqual([5, "5 of 10 pictures in pictures"]);
  });
});

describe("pictures of another shape", () => {
  /** Of a white picture twice as high as wide, in red from 0 to 255: `[2, 4]`. */
  async function fitted(fit: "stretch" | "letterbox" | "corner" | "cover"): Promise<number[][]> {
    await plain(at("high.png"), [255, 255, 255], 20, 40);
    const [all] = await numbers(rgb(), at("high.png"), {
      images: { preset: "raw", fit, padding: 7 },
    });
    return [all.slice(0, 4), all.slice(4, 8)];
  }

  it.each([
    ["stretch", [255, 255, 255, 255]],
    ["cover", [255, 255, 255, 255]],
    ["corner", [255, 7, 7, 7]], // 2 high, so 1 wide
  ] as const)("%s", async (fit, row) => {
    expect(await fitted(fit)).toEqual([row, row]);
  });

  it("letterbox", async () => {
    const [row] = await fitted("letterbox");
    expect(row.filter((value) => value === 255)).toHaveLength(1);
    expect([row[0], row[3]]).toEqual([7, 7]);
  });
});

describe("arrays", () => {
  const x = tensor(Float32Array.from(range(48)), [2, 3, 2, 4]);

  it("in .npy, and the only one of an .npz whatever its name", async () => {
    writeFileSync(at("x.npy"), writeNpy(x));
    writeFileSync(at("x.npz"), writeNpz([["arr_0", x]]));
    expect((await numbers(rgb(), at("x.npy"))).flat()).toEqual(range(48));
    expect((await numbers(rgb(), at("x.npz"))).flat()).toEqual(range(48));
    expect((await readExamData(rgb(), at("x.npy"))).summary.source).toBe("x.npy");
  });

  it("and pictures for several inputs, by name", async () => {
    const two = parseModel(
      "m (float[N, 3, 2, 4] x, float[N, 2] z) => (y, v) { y = Relu(x) v = Relu(z) }",
    );
    writeFileSync(at("z.npy"), writeNpy(tensor([1, 2], [1, 2])));
    await plain(at("a.png"), [255, 255, 255]);
    const data = await readExamData(two, { x: at("a.png"), z: at("z.npy") });
    const batch = await data.batch(0);
    expect([...(batch.z.data as Float32Array)]).toEqual([1, 2]);
    expect(data.summary.source).toBe(`1 picture in a.png, z.npy`);
    writeFileSync(
      at("both.npz"),
      writeNpz([
        ["z", tensor([1, 2], [1, 2])],
        ["x", tensor([...range(24)], [1, 3, 2, 4])],
      ]),
    );
    expect((await readExamData(two, at("both.npz"))).summary.samples).toBe(1);
  });

  it("with NaN are refused at once", async () => {
    writeFileSync(at("x.npy"), writeNpy(tensor([Number.NaN, ...range(23)], [1, 3, 2, 4])));
    await expect(readExamData(rgb(), at("x.npy"))).rejects.toThrow(
      'data for input "x": sample=0 holds NaN at element=0',
    );
  });
});

describe("what is refused", () => {
  it("a folder without pictures, or with none that can be decoded", async () => {
    mkdirSync(at("none"));
    await expect(readExamData(rgb(), at("none"))).rejects.toThrow(/holds no picture/);
    writeFileSync(at("none", "a.png"), "");
    writeFileSync(at("none", "b.jpg"), "x");
    const error = await readExamData(rgb(), at("none")).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(FormatError);
    expect(error.message).toMatch(/^none of 2 pictures in ".*none" can be decoded; a\.png: /);
    await expect(readExamData(rgb(), at("none", "a.png"))).rejects.toThrow(
      /^".*a\.png" cannot be decoded as a picture: /,
    );
  });

  it("what is not there or no picture, before what the model takes", async () => {
    mkdirSync(at("empty"));
    writeFileSync(at("notes"), "no picture");
    const four = parseModel("m (float[N, 4, 8, 8] x) => (y) { y = Relu(x) }");
    await expect(readExamData(four, at("gone"))).rejects.toThrow(/there is no such file/);
    await expect(readExamData(four, at("empty"))).rejects.toThrow(/holds no picture/);
    await expect(readExamData(four, at("notes"))).rejects.toThrow(/cannot be decoded as a picture/);
  });

  it("a batch that takes more than the memory, before it is made", async () => {
    const open = () => parseModel("m (float[N, 3, H, W] x) => (y) { y = Relu(x) }");
    await plain(at("a.png"), [0, 0, 0]);
    // 4 bytes x 3 x 30000 x 30000 = 10300 MiB
    await expect(
      readExamData(open(), at("a.png"), { images: { size: [30_000, 30_000] } }),
    ).rejects.toThrow(
      "data: a batch of x [1,3,30000,30000] float32 takes 10300MiB, which must be at most memory=1024MiB",
    );
    // 4 x 3 x 2 x 4 = 96 bytes a sample
    writeFileSync(at("x.npy"), writeNpy(zeros([5, 3, 2, 4])));
    const read = (memoryBytes: number) =>
      readExamData(open(), at("x.npy"), { batchSize: 2, memoryBytes });
    expect((await read(192)).batchCount).toBe(3);
    await expect(read(191)).rejects.toThrow(
      "takes 192 bytes, which must be at most memory=191 bytes",
    );
  });

  it("an array that is cut off, by the name of its file", async () => {
    writeFileSync(at("x.npy"), writeNpy(zeros([2, 3, 8, 8])).subarray(0, 500));
    await expect(readExamData(rgb(), at("x.npy"))).rejects.toThrow(/^x\.npy: npy: data of /);
    writeFileSync(at("x.npz"), "PK");
    await expect(readExamData(rgb(), at("x.npz"))).rejects.toThrow(/^x\.npz: /);
  });

  it("a path that is not there", async () => {
    await expect(readExamData(rgb(), at("gone"))).rejects.toThrow(/there is no such file/);
    await expect(readExamData(rgb(), at("gone.npy"))).rejects.toThrow(/there is no such file/);
  });

  it.each([
    ["float[N, 5, 8, 8] x", ShapeError, "channels=5 of [N,5,8,8] must be 1 or 3"],
    ["float[N, 8] x", ShapeError, "the model's [N,8] must have 4 axes"],
  ])("pictures for %s", async (input, kind, message) => {
    await plain(at("a.png"), [0, 0, 0]);
    const error = await readExamData(
      parseModel(`m (${input}) => (y) { y = Relu(x) }`),
      at("a.png"),
    ).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(kind);
    expect(error.message).toContain(message);
  });

  it.each([
    [{ layout: "NHWC" }, /layout=NHWC does not fit the model's \[N,3,H,W\], .* channels at axis 1/],
    [{ size: [4, 4] }, /^pictures: size=4x4 must be the size=8x6 that the model fixes$/, "8, 6"],
    [{ mean: [0.1, 0.2, 0.3] }, /mean=0.1,0.2,0.3 must be 1 number, or channels=1 of/, "H, W", 1],
    [{ std: [1, 2, 3] }, /std=1,2,3 must be 1 number, or channels=1 of \[N,1,H,W\]/, "H, W", 1],
  ])("%j, which the model does not take", async (images, message, size = "H, W", channels = 3) => {
    await plain(at("a.png"), [0, 0, 0]);
    const model = parseModel(`m (float[N, ${channels}, ${size}] x) => (y) { y = Relu(x) }`);
    const reading = readExamData(model, at("a.png"), { images: images as never });
    await expect(reading).rejects.toThrow(ShapeError);
    await expect(reading).rejects.toThrow(message);
  });

  it.each([
    [{ preset: "imagnet" }, /image preset="imagnet" is none of/],
    [{ std: [0, 1, 1] }, /std=0,1,1 must be 1 or 3 positive numbers/],
    [{ mean: [0, 0] }, /mean=0,0 must be 1 or 3 numbers/],
    [{ fit: "squash" }, /fit="squash" must be one of stretch/],
    [{ padding: 256 }, /padding=256/],
    [{ size: [0, 4] }, /size=0,4/],
    [{ maxImages: 0 }, /maxImages=0/],
  ])("%j", async (images, message) => {
    await plain(at("a.png"), [0, 0, 0]);
    const error = await readExamData(rgb(), at("a.png"), { images: images as never }).catch(
      (thrown) => thrown,
    );
    expect(error).toBeInstanceOf(UsageError);
    expect(error.message).toMatch(message);
  });

  it("a file of another kind", async () => {
    writeFileSync(at("data.csv"), "1,2");
    await expect(readExamData(rgb(), at("data.csv"))).rejects.toThrow(
      /must be a folder of pictures, a picture or an \.npy file/,
    );
  });
});
