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
