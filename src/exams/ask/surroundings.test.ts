import { describe, expect, it } from "vitest";
import { survey } from "../../analysis/index.js";
import { parseModel } from "../../graph/index.js";
import { findConfigurations } from "./configuration.js";
import { SurroundingsReader } from "./surroundings.js";

/** Two channels per group: off the fast path. */
const THIN = "Conv<pads = [1, 1, 1, 1], group = 8>";

/** A 16-channel 3x3 layer `[layer]` from `a` to `b`, within whatever is around it. */
async function around(nodes: string): Promise<string> {
  const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
  net (float[1, 16, 8, 8] x) => (y)
    <float[16, 16, 3, 3] w, float[16, 1, 3, 3] d, float[16, 2, 3, 3] t, float[16] s, float[1] k> {
    ${nodes.replaceAll("Conv", "Conv<pads = [1, 1, 1, 1]>").replaceAll("Thin", THIN)}
  }`);
  const surveyed = await survey(model, { target: "ort-cpu", blockSize: 8 });
  const { fastPaths } = await surveyed.get("fastPaths");
  const layer = surveyed.convolutions.find(({ name }) => name === "layer")!;
  const { before, after, activation } = new SurroundingsReader(fastPaths).read(layer);
  return `${before} ${after} ${activation?.op ?? "-"}`;
}

describe("SurroundingsReader", () => {
  it("sees blocked neighbours through norms, activations, pools and joins", async () => {
    expect(await around("a = Conv(x, w) [layer] b = Conv(a, w) y = Conv(b, w)")).toBe(
      "blocked blocked -",
    );
    expect(
      await around(`c = Conv(x, w) n = BatchNormalization(c, s, s, s, s) a = Relu(n)
        [layer] b = Conv(a, w) m = BatchNormalization(b, s, s, s, s) r = Relu(m)
        p = MaxPool<kernel_shape = [2, 2]>(r) y = Conv(p, w)`),
    ).toBe("blocked blocked Relu");
    expect(
      await around(`c = Conv(x, w) e = Conv(x, w) a = Add(c, e)
        [layer] b = Conv(a, w) f = Sigmoid(b) g = Conv(f, w) y = Add(g, f)`),
    ).toBe("blocked blocked Sigmoid");
  });

  it("sees where the layout ends: inputs, outputs, other operators, layers off the path", async () => {
    expect(await around("[layer] y = Conv(x, w)")).toBe("plain plain -");
    expect(await around("c = Conv(x, w) a = Sqrt(c) [layer] b = Conv(a, w) y = HardSwish(b)")).toBe(
      "plain plain -",
    );
    // a factor of one number, as exporters write scales, runs in no blocks
    expect(await around("c = Conv(x, w) a = Mul(c, k) [layer] b = Conv(a, w) y = Mul(b, k)")).toBe(
      "plain plain -",
    );
    expect(await around("a = Thin(x, t) [layer] b = Conv(a, w) y = Thin(b, t)")).toBe(
      "plain plain -",
    );
    expect(await around("c = Conv(x, w) a = Add(c, x) [layer] b = Conv(a, w) y = Conv(b, w)")).toBe(
      "plain blocked -",
    );
    expect(
      await around(
        "a = Conv(x, w) [layer] b = Conv(a, w) c = Conv(b, w) q = Sqrt(b) y = Add(c, q)",
      ),
    ).toBe("blocked plain -");
  });

  it("looks at sums of sums once, not in each of 20^7 ways", async () => {
    const names = [..."cdefghij"];
    const sums = names.slice(1).map((name, i) => `${name} = Sum(${Array(20).fill(names[i])})`);
    expect(
      await around(`c = Conv(x, w) ${sums.join(" ")} [layer] b = Conv(j, w) y = Conv(b, w)`),
    ).toBe("blocked blocked -");
  });
});

describe("findConfigurations", () => {
  it("takes layers together that differ in nothing but their groups", async () => {
    const model = parseModel(`<ir_version: 8, opset_import: ["" : 17]>
    net (float[1, 16, 8, 8] x) => (z)
      <float[16, 16, 3, 3] w, float[16, 8, 3, 3] h, float[16, 16, 1, 1] p, float[16, 16, 2, 2] t, float[16] bias> {
      [one] a = Conv<pads = [1, 1, 1, 1]>(x, w)
      [two] b = Conv<pads = [1, 1, 1, 1], group = 2>(a, h)
      [three] c = Conv<auto_pad = "SAME_UPPER">(b, w)
      [four] d = Conv<pads = [1, 1, 1, 1]>(c, w, bias)
      [five] e = Conv(d, p)
      [up] u = ConvTranspose<strides = [2, 2]>(e, t)
      [six] z = Conv<pads = [1, 1, 1, 1]>(u, w)
    }`);
    const surveyed = await survey(model, { target: "ort-cpu", blockSize: 8 });
    const facts = await surveyed.get("fastPaths");
    const { configured, unswept } = findConfigurations(surveyed.convolutions, facts, model);
    // `two` is between blocked layers, as `three` is, with the same padding in other words
    expect(configured.map(({ layers }) => layers.map(({ name }) => name))).toEqual([
      ["one"],
      ["two", "three"],
      ["four"],
      ["five"],
      ["up"],
      ["six"],
    ]);
    expect(unswept).toEqual([]);
    // without blocks bias, window and size are left to differ
    const noBlocks = { ...facts, fastPaths: null };
    const plain = findConfigurations(surveyed.convolutions, noBlocks, model).configured;
    expect(plain.map(({ layers }) => layers.map(({ name }) => name))).toEqual([
      ["one", "two", "three"],
      ["four"],
      ["five"],
      ["up"],
      ["six"],
    ]);
  });
});
