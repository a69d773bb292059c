import { describe, expect, it } from "vitest";
import { growth, LINEAR } from "../../tests/support/growth.js";
import { type Model, parseModel } from "../graph/index.js";
import { range } from "../util/math.js";
import { findConvolutions } from "./convolution.js";
import { surveyTerrain } from "./dependence/terrain.js";
import { findGates } from "./gates.js";
import { GroupFollower, newEffort } from "./group-follower.js";
import { foldIntegers } from "./integers.js";
import { surveyMixing } from "./survey-mixing.js";

/** Depthwise layers in a row, each followed by what `then` writes from `b` to `next`. */
function layers(count: number, channels: number, then: (b: string, next: string) => string): Model {
  const constants = `float[${channels}, 1, 3, 3] w, float[${channels}, ${channels}, 1, 1] p, float[${channels}] c`;
  const nodes = range(count).map(
    (i) => `a${i} = Conv<group = ${channels}, pads = [1, 1, 1, 1]>(x${i}, w)
      b${i} = BatchNormalization(a${i}, c, c, c, c) ${then(`b${i}`, `x${i + 1}`)}`,
  );
  return parseModel(
    `g (float[1, ${channels}, 8, 8] x0) => (x${count}) <${constants}> { ${nodes.join("\n")} }`,
  );
}

const separable = (count: number, channels: number) =>
  layers(count, channels, (b, next) => `${next} = Conv(${b}, p)`);
const depthwise = (count: number, channels: number) =>
  layers(count, channels, (b, next) => `${next} = Relu(${b})`);

function surveying(model: Model) {
  const convolutions = findConvolutions(model, null);
  return () => surveyMixing(model, convolutions, null);
}

describe("surveyMixing", () => {
  it("follows each convolution in the order of the file", async () => {
    const mixing = await surveying(separable(3, 8))();
    expect([...mixing].map(([{ name }, { status }]) => [name, status])).toEqual([
      ["a0", "mixed"],
      ["x1", "dense"],
      ["a1", "mixed"],
      ["x2", "dense"],
      ["a2", "mixed"],
      ["x3", "dense"],
    ]);
  });

  it("takes time in proportion to the layers of a separable network", async () => {
    expect(await growth(60, (count) => surveying(separable(count, 32)))).toBeLessThan(LINEAR);
  });

  it("takes time in proportion to the channels, be they never mixed", async () => {
    expect(await growth(32, (channels) => surveying(depthwise(30, channels)))).toBeLessThan(LINEAR);
  });

  it("takes no longer for a value that very many nodes read", async () => {
    const readers = (count: number) =>
      surveying(
        parseModel(`g (float[1, 4, 8, 8] x) => (y) <float[4, 2, 1, 1] w> {
          y = Conv<group = 2>(x, w) ${range(count)
            .map((i) => `r${i} = Relu(y)`)
            .join(" ")} }`),
      );
    expect(await growth(2000, readers)).toBeLessThan(LINEAR);
  });
});

describe("GroupFollower", () => {
  async function follow(model: Model, effort: { left: number; mostSetCost: number }) {
    const integers = await foldIntegers(model.graph, null);
    const gates = findGates(model.graph, null);
    const terrain = surveyTerrain(model.graph, model.opset, null, integers, gates, true);
    const follower = new GroupFollower(terrain, effort);
    const convolutions = findConvolutions(model, null);
    return convolutions.map((convolution) => {
      const { status, unknownAt } = follower.follow(convolution);
      return [convolution.name, status, unknownAt?.label];
    });
  }

  it("says unknown where it gives up, and of every convolution after", async () => {
    // 128 for each node and 8 for labels of 8 channels where they are new: 9 nodes, then 3.
    const found = await follow(depthwise(3, 8), { left: 1500, mostSetCost: 1e6 });
    expect(found).toEqual([
      ["a0", "separate", undefined],
      ["a1", "unknown", "x2"],
      ["a2", "unknown", "a2"],
    ]);
  });

  it("has effort for a thousand layers whose groups never mix, whatever their width", async () => {
    for (const channels of [32, 1024]) {
      const effort = newEffort();
      const { left } = effort;
      const found = await follow(depthwise(100, channels), effort);
      expect(found.every(([, status]) => status === "separate")).toBe(true);
      // Ten times the layers are each followed through ten times the layers.
      expect((left - effort.left) * 10 ** 2).toBeLessThan(left);
    }
  });

  it("says unknown of a convolution whose sets would be too many, and goes on", async () => {
    const model = parseModel(`g (float[1, 64, 8, 8] x) => (y, z)
      <float[64, 1, 1, 1] w, float[64, 32, 1, 1] v> {
      y = Conv<group = 64>(x, w)
      z = Conv<group = 2>(x, v)
    }`);
    expect(await follow(model, { left: 1e6, mostSetCost: 2000 })).toEqual([
      ["y", "unknown", "y"],
      ["z", "separate", undefined],
    ]);
  });
});
