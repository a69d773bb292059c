import { describe, expect, it } from "vitest";
import { flagsToJob } from "./flags-to-job.js";

describe("the size that pictures are given", () => {
  const sizeOf = (data: string[] | undefined, shapes: Record<string, number[]>) =>
    flagsToJob("/folder", { data }, shapes, "net.onnx").images.size;

  it.each<[string, string[] | undefined, Record<string, number[]>, [number, number] | undefined]>([
    ["is that of the one shape", ["photos"], { x: [4, 3, 32, 48] }, [32, 48]],
    ["is that of a shape with its channels last", ["photos"], { x: [4, 32, 48, 3] }, [32, 48]],
    [
      "is one that several inputs share",
      ["a=photos", "b=masks"],
      { a: [4, 3, 32, 48], b: [4, 1, 32, 48] },
      [32, 48],
    ],
    [
      "is not that of an array",
      ["a=photos", "b=mask.npy"],
      { a: [4, 3, 32, 48], b: [4, 1, 8, 12] },
      [32, 48],
    ],
    [
      "is open where shapes differ",
      ["a=photos", "b=masks"],
      { a: [4, 3, 32, 48], b: [4, 1, 8, 12] },
      undefined,
    ],
    ["is open without a picture's shape", ["photos"], { x: [4, 10] }, undefined],
  ])("%s", (_, data, shapes, size) => expect(sizeOf(data, shapes)).toEqual(size));
});

it("is what --size says, and --layout tells height from channels", () => {
  const shapes = { x: [4, 3, 32, 3] };
  const sizeOf = (flags: Parameters<typeof flagsToJob>[1]) =>
    flagsToJob("/folder", { data: ["photos"], ...flags }, shapes, "net.onnx").images.size;
  expect(sizeOf({})).toEqual([32, 3]);
  expect(sizeOf({ layout: "NHWC" })).toEqual([3, 32]);
  expect(sizeOf({ size: [7, 8] })).toEqual([7, 8]);
});

describe("flags for one exam", () => {
  const job = (flags: Parameters<typeof flagsToJob>[1]) => () =>
    flagsToJob("/folder", flags, {}, "net.onnx");

  it.each<[Parameters<typeof flagsToJob>[1], string]>([
    [{ exams: ["look"], threads: 1 }, "--threads is for ask, which --exams leaves out"],
    [{ exams: ["pulse"], browser: "b" }, "--browser is for ask, which --exams leaves out"],
    [{ exams: ["look"], budget: 1000 }, "--budget is for ask and pulse, which --exams leaves out"],
  ])("%o is refused", (flags, message) => expect(job(flags)).toThrow(message));

  it("count pictures, beside which an array may be a weight", () => {
    const data = ["a=photos", "b=weight.npy"];
    expect(job({ data, limit: 3 })()).toMatchObject({ images: { maxImages: 3 } });
    expect(job({ data: ["a=x.npy", "b=y.npz"], limit: 3 })).toThrow("--limit is for pictures");
  });

  it("are taken with that exam, or with all", () => {
    expect(job({ exams: ["pulse"], budget: 1000 })()).toMatchObject({ budgetMs: 1000 });
    expect(job({ threads: 1, budget: 1000 })()).toMatchObject({ threads: 1, budgetMs: 1000 });
  });
});
