import { describe, expect, it } from "vitest";
import { parseModel } from "../../graph/index.js";
import { inferShapes } from "../../runtime/index.js";
import { surveyTopology } from "./topology.js";

/** `form stride` of some values, first without shapes, then with them. */
async function placesOf(text: string, names: string): Promise<string[][]> {
  const model = parseModel(text.replace("=> (y)", "=> (float[] y)"));
  const shapes = await inferShapes(model);
  return names.split(" ").map((name) =>
    [null, shapes].map((known) => {
      const { places } = surveyTopology(model.graph, known);
      const place = places.get(model.graph.find(name)!);
      return place ? `${place.form} ${place.stride && Number(place.stride.toFixed(2))}` : "none";
    }),
  );
}

const both = (place: string) => [place, place];

describe("findPlaces", () => {
  it("follows strides of convolutions, poolings and rearrangements", async () => {
    const text = `g (float[1, 3, 64, 64] x) => (y)
      <float[4, 3, 3, 3] w1, float[4, 4, 3, 3] w2, float[4, 4, 2, 2] w3> {
      a = Conv<strides = [2, 2], pads = [1, 1, 1, 1]>(x, w1)
      b = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(a)
      c = Conv<strides = [2, 1], pads = [1, 1, 1, 1]>(b, w2)
      d = ConvTranspose<strides = [2, 1], pads = [0, 0, 0, 1]>(c, w3)
      e = SpaceToDepth<blocksize = 4>(d)
      f = DepthToSpace<blocksize = 2>(e)
      y = Relu(f)
    }`;
    expect(await placesOf(text, "x a b c d e f y")).toEqual(
      [
        "map 1",
        "map 2",
        "map 4",
        "map 5.66", // 4 times the geometric mean of 2 and 1
        "map 4",
        "map 16",
        "map 8",
        "map 8",
      ].map(both),
    );
  });

  it("takes sizes from shapes: maps without padding shrink, and only shapes know", async () => {
    const text = `g (float[1, 3, 32, 32] x) => (y) <float[4, 3, 5, 5] w1, float[4, 4, 5, 5] w2> {
      a = Conv(x, w1)
      b = MaxPool<kernel_shape = [2, 2], strides = [2, 2]>(a)
      c = Conv(b, w2)
      y = Relu(c)
    }`;
    expect(await placesOf(text, "a b y")).toEqual([
      ["map 1", "map 1.14"], // 32 / 28
      ["map 2", "map 2.29"], // 32 / 14
      ["map 2", "map 3.2"], // 32 / 10
    ]);
  });

  it("does not know the factor of a Resize without shapes, until a map of known stride joins", async () => {
    const text = `g (float[1, 4, 32, 32] x) => (y)
      <float[4, 4, 3, 3] w, float[4] scales = {1.0, 1.0, 2.0, 2.0}> {
      a = Conv<strides = [2, 2], pads = [1, 1, 1, 1]>(x, w)
      b = Conv<strides = [2, 2], pads = [1, 1, 1, 1]>(a, w)
      c = Resize(b, "", scales)
      d = Relu(c)
      y = Add(d, a)
    }`;
    expect(await placesOf(text, "b c d y")).toEqual([
      ["map 4", "map 4"],
      ["map null", "map 2"],
      ["map null", "map 2"],
      ["map 2", "map 2"],
    ]);
  });

  it("reads the factors of an old Upsample", async () => {
    const text = `<ir_version: 4, opset_import: ["" : 7]>
      g (float[1, 4, 32, 32] x) => (y) { y = Upsample<scales = [1.0, 1.0, 2.0, 2.0]>(x) }`;
    expect(await placesOf(text, "y")).toEqual([both("map 0.5")]);
  });

  it("tells vectors: global pooling, flattening, a convolution as large as its map", async () => {
    const text = `g (float[1, 4, 32, 32] x) => (y)
      <float[4, 4, 8, 8] w, float[1024, 5] fc, float[4, 4, 1, 1] point, float[4, 4] m, int64[2] to = {1, 4}> {
      a = MaxPool<kernel_shape = [4, 4], strides = [4, 4]>(x)
      pooled = GlobalAveragePool(a)
      gate = Conv(pooled, point)
      gated = Mul(a, gate)
      rows = Reshape(gate, to)
      product = MatMul(rows, m)
      valid = Conv(a, w)
      flat = Flatten(a)
      y = Add(product, rows)
    }`;
    expect(await placesOf(text, "a pooled gate gated rows product flat valid y")).toEqual([
      ["map 4", "map 4"],
      ["vector 4", "vector 4"],
      ["vector 4", "vector 4"],
      ["map 4", "map 4"],
      ["vector 4", "vector 4"],
      ["vector 4", "vector 4"],
      ["vector 4", "vector 4"],
      ["map 4", "vector 4"], // 8x8 without padding on 8x8: only shapes tell
      ["vector 4", "vector 4"],
    ]);
  });

  it("tells flattened maps, and which of them come back", async () => {
    const text = `g (float[1, 8, 8, 8] x) => (y)
      <float[8, 8, 3, 3] w, int64[5] split = {1, 2, 4, 8, 8}, int64[4] join = {1, 8, 8, 8},
       int64[3] rows = {1, 8, -1}, float[64, 64] mix> {
      a = Conv<strides = [2, 2], pads = [1, 1, 1, 1]>(x, w)
      up = ConvTranspose<strides = [2, 2], pads = [0, 0, 1, 1]>(a, w)
      apart = Reshape(up, split)
      swapped = Transpose<perm = [0, 2, 1, 3, 4]>(apart)
      shuffled = Reshape(swapped, join)
      after = Conv<pads = [1, 1, 1, 1]>(shuffled, w)
      tokens = Reshape(after, rows)
      mixed = MatMul(tokens, mix)
      map = Reshape(mixed, join)
      small = Reshape(a, rows)
      both = Concat<axis = 2>(tokens, small)
      y = Conv<pads = [1, 1, 1, 1]>(map, w)
    }`;
    expect(
      await placesOf(text, "apart swapped shuffled after tokens mixed map small both y"),
    ).toEqual([
      ["flat 1", "flat 1"],
      ["flat 1", "flat 1"],
      ["flat 1", "map 1"], // the runtime says [1, 8, 8, 8] again
      ["map 1", "map 1"],
      ["flat 1", "flat 1"],
      ["flat 1", "flat 1"],
      ["flat 1", "map 1"],
      ["flat 2", "flat 2"],
      ["flat null", "flat null"], // of strides 1 and 2
      ["map 1", "map 1"],
    ]);
  });

  it("reads images with channels last that are turned over first", async () => {
    const text = `g (float[1, 64, 64, 3] x) => (y) <float[4, 3, 3, 3] w> {
      turned = Transpose<perm = [0, 3, 1, 2]>(x)
      y = Conv<strides = [2, 2], pads = [1, 1, 1, 1]>(turned, w)
    }`;
    expect(await placesOf(text, "turned y")).toEqual([
      ["flat 1", "map 1"],
      ["map 2", "map 2"],
    ]);
  });

  it("says nothing of constants and shapes", async () => {
    const text = `g (float[1, 4, 8, 8] x) => (y) <float[4] b> {
      size = Shape(x)
      c = Relu(b)
      y = Expand(x, size)
    }`;
    expect(await placesOf(text, "size c b y")).toEqual(["none", "none", "none", "map 1"].map(both));
  });
});
