import { describe, expect, it } from "vitest";
import { type Model, parseModel } from "../graph/index.js";
import { audit } from "./index.js";

/** `name in -> out, macs, mixing` of each layer. */
async function layersOf(model: Model) {
  const { convolutions, notes, model: whole } = await audit(model);
  const layers = convolutions.map(
    ({ name, inShape, outShape, macs, mixing }) =>
      `${name} ${inShape?.join("x")} -> ${outShape?.join("x")}, ${macs}, ${mixing.status}`,
  );
  const said = notes.filter((note) => !note.startsWith("fast paths are predicted"));
  return { layers, notes: said, macs: whole.macs };
}

describe("audit of layers that are not in the main graph", () => {
  it("lists each call of a function, with its own shapes and what becomes of its groups", async () => {
    const model =
      parseModel(`g (float[1, 8, 8, 8] x) => (float[] y) <float[8, 2, 3, 3] w, float[8, 8, 1, 1] d> {
      [a] s = mine.Block(x, w)
      [b] t = mine.Block(s, w)
      [last] y = Conv(t, d)
    }`);
    model.opsets.set("mine", 1);
    model.functions.push({
      name: "Block",
      domain: "mine",
      overload: "",
      body: parseModel(
        "f (v, w) => (u) { [conv] t = Conv<group = 4, pads = [1, 1, 1, 1], strides = [2, 2]>(v, w) u = Relu(t) }",
      ).graph,
      opsets: new Map([["", 17]]),
      attributeNames: [],
      attributeDefaults: new Map(),
    });
    // 8 x 2 x 3 x 3 weights at 4 x 4 positions, then at 2 x 2; 64 weights at 2 x 2.
    expect(await layersOf(model)).toEqual({
      layers: [
        "a/conv 1x8x8x8 -> 1x8x4x4, 2304, mixed",
        "b/conv 1x8x4x4 -> 1x8x2x2, 576, mixed",
        "last 1x8x2x2 -> 1x8x2x2, 256, dense",
      ],
      notes: [],
      macs: 2304 + 576 + 256,
    });
  });

  it("says that a loop is counted once, and an If with every branch", async () => {
    const model =
      parseModel(`g (float[1, 8, 4, 4] x, bool c, int64 n) => (float[] y) <float[8, 2, 1, 1] w, float[8, 8, 1, 1] d> {
      a = If(c) <then_branch = t () => (float[] p) { p = Conv<group = 4>(x, w) },
                 else_branch = e () => (float[] q) { q = Conv(x, d) }>
      y = Loop(n, c, a) <body = b (int64 i, bool go, float[] v) => (bool again, float[] u) {
        again = Identity(go) u = Conv<group = 4>(v, w)
      }>
    }`);
    // 16 weights at 16 positions each, and 64.
    const { layers, notes, macs } = await layersOf(model);
    expect(layers).toEqual([
      "p 1x8x4x4 -> 1x8x4x4, 256, unknown",
      "q 1x8x4x4 -> 1x8x4x4, 1024, dense",
      "u 1x8x4x4 -> 1x8x4x4, 256, unknown",
    ]);
    expect(macs).toBe(256 + 1024 + 256);
    expect(notes).toEqual([
      expect.stringMatching(
        /^1 layer stands in the bodies of loops: MACs are those of one iteration/,
      ),
      expect.stringMatching(/^2 layers stand in the branches of If: the sums count every branch/),
    ]);
  });

  it("says where a loop's shapes change, and where a function calls itself", async () => {
    const growing =
      parseModel(`g (float[1, 8, 4, 4] x, bool c, int64 n) => (float[] y) <float[8, 8, 1, 1] d> {
      y = Loop(n, c, x) <body = b (int64 i, bool go, float[] v) => (bool again, float[] u) {
        again = Identity(go) [in] a = Conv(v, d) u = Concat<axis = 2>(a, a)
      }>
    }`);
    expect(await layersOf(growing)).toMatchObject({
      layers: ["in undefined -> undefined, null, dense"],
      notes: [
        expect.any(String),
        "1 layer of loops has no MACs: from one iteration to the next shapes change, or nobody can say",
      ],
      macs: null,
    });

    const endless = parseModel("g (float[1, 8, 4, 4] x) => (float[] y) { y = mine.F(x) }");
    endless.functions.push({
      name: "F",
      domain: "mine",
      overload: "",
      body: parseModel("f (v) => (u) <float[8, 8, 1, 1] d> { [in] t = Conv(v, d) u = mine.F(t) }")
        .graph,
      opsets: new Map(),
      attributeNames: [],
      attributeDefaults: new Map(),
    });
    expect(await layersOf(endless)).toMatchObject({
      layers: ["in undefined -> undefined, null, dense"],
      notes: [
        expect.stringMatching(/ONNX Runtime cannot load the model: the function "F" calls itself$/),
        "1 function of the model is looked at alone, not where it is called",
      ],
    });
  });
});
