import { describe, expect, it } from "vitest";
import { parseModel } from "../graph/index.js";
import { inferShapes } from "../runtime/index.js";
import { findConvolutions } from "./convolution.js";
import { type Meeting, type Mixing, wayTo } from "./mixing.js";
import { surveyMixing } from "./survey-mixing.js";

/**
 * Each graph starts `x [1, 8, 6, 6] -> y = Conv, 4 groups of 2 channels` unless it says otherwise; what
 * becomes of its groups is written beside it.
 */
const WEIGHTS = `float[8, 2, 1, 1] g4, float[8, 1, 3, 3] g8, float[8, 4, 1, 1] g2, float[8, 8, 1, 1] dense,
  float[2, 8, 1, 1] squeeze, float[8, 2, 1, 1] excite, float[8] c`;

interface Fate {
  status: Mixing["status"];
  mixedBy: string | null;
  parts: number;
  /** `node before -> after`. */
  groupedConvs: string[];
  poolings: string[];
  norms: string[];
  /** `output: parts`, and in brackets the meetings on the way. */
  outputs: string[];
  unknownAt: string | null;
  joinedAt: string | null;
}

const nothing = {
  mixedBy: null,
  parts: 1,
  groupedConvs: [],
  poolings: [],
  norms: [],
  outputs: [],
  unknownAt: null,
  joinedAt: null,
} satisfies Partial<Fate>;

/** The fate of the convolution that writes `of`. */
async function fateOf(body: string, of = "y", header = "", loads = true): Promise<Fate> {
  const model = parseModel(header + body);
  const shapes = loads ? await inferShapes(model) : null;
  const mixing = await surveyMixing(model, findConvolutions(model, shapes), shapes);
  const [, found] = [...mixing].find(([convolution]) => convolution.y.name === of)!;
  const meeting = ({ node, partsBefore, partsAfter }: Meeting) =>
    `${node.label} ${partsBefore} -> ${partsAfter}`;
  return {
    status: found.status,
    mixedBy: found.mixedBy?.label ?? null,
    parts: found.separateParts,
    groupedConvs: found.groupedConvs.map(meeting),
    poolings: found.poolings.map(meeting),
    norms: found.norms.map(meeting),
    outputs: found.outputs.map(({ value, parts, previous }) => {
      const way = wayTo(previous).map(({ node }) => node.label);
      return `${value.name}: ${parts} [${way}]`;
    }),
    unknownAt: found.unknownAt?.label ?? null,
    joinedAt: found.joinedAt?.label ?? null,
  };
}

/** `y` goes into these nodes, and `z` comes out. */
function behind(nodes: string, constants = ""): string {
  return `g (float[1, 8, 6, 6] x) => (z) <${WEIGHTS}${constants && `, ${constants}`}> {
    y = Conv<group = 4>(x, g4)
    ${nodes}
  }`;
}

const apart = {
  ...nothing,
  status: "separate",
  parts: 4,
  outputs: ["z: 4 []"],
} satisfies Fate;
const mixedBy = (node: string): Fate => ({ ...nothing, status: "mixed", mixedBy: node });

describe("what becomes of groups", () => {
  it("is nothing to ask of a dense convolution", async () => {
    expect(await fateOf(behind("z = Conv(y, dense)"), "z")).toEqual({
      ...nothing,
      status: "dense",
    });
  });

  it("is unknown where channels and groups do not fit", async () => {
    const model = `g (float[1, 9, 6, 6] x) => (z) <${WEIGHTS}> { z = Conv<group = 4>(x, g4) }`;
    expect(await fateOf(model, "z", "", false)).toEqual({
      ...nothing,
      status: "unknown",
      parts: 4,
      unknownAt: "z",
    });
  });

  it("is separation when nothing follows, or only what keeps channels apart", async () => {
    expect(await fateOf(behind("z = Identity(y)"))).toEqual(apart);
    const nodes = `a = Relu(y) b = MaxPool<kernel_shape = [2, 2]>(a) d = Pad<mode = "reflect">(b, pads)
      e = Resize(d, , scales) f = InstanceNormalization(e, c, c) z = Mul(f, half)`;
    const constants = `int64[8] pads = {0, 0, 1, 1, 0, 0, 1, 1}, float[4] scales = {1, 1, 2, 2}, float half = {0.5}`;
    expect(await fateOf(behind(nodes, constants))).toEqual(apart);
  });

  it("is mixing by the first dense layer: a convolution, a matrix product, a recurrent layer", async () => {
    expect(await fateOf(behind("a = Relu(y) b = Conv(a, dense) z = Conv(b, dense)"))).toEqual(
      mixedBy("b"),
    );
    expect(await fateOf(behind("a = Flatten(y) z = Gemm(a, w)", "float[288, 5] w"))).toEqual(
      mixedBy("z"),
    );
    expect(
      await fateOf(
        behind(
          "a = Reshape(y, flat) b = Transpose<perm = [2, 0, 1]>(a) z, , = LSTM<hidden_size = 3>(b, w, r)",
          "int64[3] flat = {1, 8, 36}, float[1, 12, 8] w, float[1, 12, 3] r",
        ),
      ),
    ).toEqual(mixedBy("z"));
    expect(await fateOf(behind("z = ReduceMean<axes = [1]>(y)"))).toEqual(mixedBy("z"));
  });

  it("names the grouped convolutions that come first, and the parts before and after each", async () => {
    expect(
      await fateOf(
        behind("a = Conv<group = 4>(y, g4) b = Conv<group = 8>(a, g8) z = Conv(b, dense)"),
      ),
    ).toEqual({ ...mixedBy("z"), groupedConvs: ["a 4 -> 4", "b 4 -> 4"] });
    // Two groups of four channels, two of our groups in each.
    expect(await fateOf(behind("z = Conv<group = 2>(y, g2)"))).toEqual({
      ...apart,
      parts: 2,
      groupedConvs: ["z 4 -> 2"],
      outputs: ["z: 2 [z]"],
    });
  });

  it("follows transposed convolutions, from one and through one", async () => {
    const body = `g (float[1, 8, 6, 6] x) => (z) <float[8, 3, 2, 2] w, float[12, 1, 2, 2] v> {
      y = ConvTranspose<group = 4>(x, w)
      z = ConvTranspose<group = 6>(y, v)
    }`;
    // y: 4 groups of 3 channels; z cuts its 12 channels into 6 pairs: 0 0, 0 1, 1 1, 2 2, 2 3, 3 3.
    expect(await fateOf(body)).toEqual({
      ...apart,
      parts: 2,
      groupedConvs: ["z 4 -> 2"],
      outputs: ["z: 2 [z]"],
    });
  });

  describe("after a channel shuffle", () => {
    const shuffle = (rows: number, groups: string) =>
      behind(
        `a = Reshape(y, rows) b = Transpose<perm = [0, 2, 1, 3, 4]>(a) d = Reshape(b, flat)
         z = Conv<group = ${groups}>(d, g${groups})`,
        `int64[5] rows = {1, ${rows}, ${8 / rows}, 6, 6}, int64[4] flat = {1, 8, 6, 6}`,
      );

    it("is mixing by the next grouped convolution, if it has one group's channels in all of its own", async () => {
      // Order 0 2 4 6 1 3 5 7; two groups of four: each has a channel of every group.
      expect(await fateOf(shuffle(4, "2"))).toEqual({
        ...mixedBy("z"),
        groupedConvs: ["z 4 -> 1"],
      });
    });

    it("is less where the next groups are small", async () => {
      // Order 0 4 1 5 2 6 3 7 in pairs: groups 0 2, 0 2, 1 3, 1 3.
      expect(await fateOf(shuffle(2, "4"))).toEqual({
        ...apart,
        parts: 2,
        groupedConvs: ["z 4 -> 2"],
        outputs: ["z: 2 [z]"],
      });
    });

    it("is the same by Gather", async () => {
      const body = behind(
        "a = Gather<axis = 1>(y, order) z = Conv<group = 2>(a, g2)",
        "int64[8] order = {0, 2, 4, 6, 1, 3, 5, 7}",
      );
      expect(await fateOf(body)).toEqual({ ...mixedBy("z"), groupedConvs: ["z 4 -> 1"] });
    });
  });

  it("follows channels through Split, Slice and Concat", async () => {
    // Halves swapped and cut in two again: groups 2 3 | 0 1.
    const swapped =
      "a, b = Split<axis = 1>(y) d = Concat<axis = 1>(b, a) z = Conv<group = 2>(d, g2)";
    expect(await fateOf(behind(swapped))).toEqual({
      ...apart,
      parts: 2,
      groupedConvs: ["z 4 -> 2"],
      outputs: ["z: 2 [z]"],
    });
    // Only channels 2 to 7 are read on: groups 1 to 3.
    const sliced = behind(
      "z = Slice(y, from, to, axis)",
      "int64[1] from = {2}, int64[1] to = {8}, int64[1] axis = {1}",
    );
    expect(await fateOf(sliced)).toEqual({ ...apart, parts: 3, outputs: ["z: 3 []"] });
  });

  it("is separation when each half has a dense layer of its own", async () => {
    const body = `g (float[1, 8, 6, 6] x) => (p, q) <${WEIGHTS}, float[3, 4, 1, 1] w> {
      y = Conv<group = 4>(x, g4)
      a, b = Split<axis = 1>(y)
      p = Conv(a, w)
      q = Conv(b, w)
    }`;
    expect(await fateOf(body)).toEqual({ ...apart, parts: 2, outputs: [] });
  });

  it("is separation when one output has them apart, whatever another has", async () => {
    const body = `g (float[1, 8, 6, 6] x) => (p, q, r) <${WEIGHTS}> {
      y = Conv<group = 4>(x, g4)
      p = Conv(y, dense)
      q = Conv<group = 2>(y, g2)
      r = Relu(y)
    }`;
    expect(await fateOf(body)).toEqual({
      ...apart,
      groupedConvs: ["q 4 -> 2"],
      outputs: ["r: 4 []", "q: 2 [q]"],
    });
  });

  describe("with another way around", () => {
    it("an identity keeps the groups apart, and is a joining", async () => {
      expect(await fateOf(behind("z = Add(x, y)"))).toEqual({ ...apart, joinedAt: "z" });
    });

    it("a grouped branch with the same groups keeps them apart", async () => {
      expect(await fateOf(behind("a = Conv<group = 4>(x, g4) z = Add(a, y)"))).toEqual({
        ...apart,
        joinedAt: "z",
      });
    });

    it("a dense branch brings them together", async () => {
      expect(await fateOf(behind("a = Conv(x, dense) z = Add(y, a)"))).toEqual({
        ...mixedBy("z"),
        joinedAt: "z",
      });
    });

    it("a dense branch set beside them does not", async () => {
      expect(await fateOf(behind("a = Conv(x, dense) z = Concat<axis = 1>(y, a)"))).toEqual(apart);
    });

    it("so does a dense branch that ONNX Runtime has fused into the convolution", async () => {
      const body = `g (float[1, 8, 6, 6] x) => (z) <${WEIGHTS}> {
        a = Conv(x, dense)
        y = com.microsoft.FusedConv<group = 4, activation = "Relu">(x, g4, c, a)
        z = Relu(y)
      }`;
      const header = `<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>`;
      expect(await fateOf(body, "y", header)).toEqual({ ...mixedBy("y"), joinedAt: "y" });
    });

    it("what comes from elsewhere joins and mixes nothing", async () => {
      const body = `g (float[1, 8, 6, 6] x, float[1, 8, 6, 6] other) => (z) <${WEIGHTS}> {
        y = Conv<group = 4>(x, g4)
        a = Conv(other, dense)
        z = Add(y, a)
      }`;
      expect(await fateOf(body)).toEqual({ ...apart, joinedAt: "z" });
    });

    it("a joining after the mixing is not told", async () => {
      expect(await fateOf(behind("a = Conv(y, dense) z = Add(x, a)"))).toEqual(mixedBy("a"));
    });
  });

  describe("with a gate or a norm", () => {
    const squeezeExcite = `p = GlobalAveragePool(y) s = Conv(p, squeeze) t = Relu(s) e = Conv(t, excite)
      f = Sigmoid(e) h = Mul(y, f)`;

    it("is gain behind squeeze-excite, whose pooling does not count as one", async () => {
      expect(await fateOf(behind(`${squeezeExcite} z = Relu(h)`))).toEqual({
        ...apart,
        status: "gain",
        mixedBy: "h",
      });
    });

    it("is mixing where a dense layer follows the gate", async () => {
      expect(await fateOf(behind(`${squeezeExcite} z = Conv(h, dense)`))).toEqual(mixedBy("z"));
    });

    it("of a layer within the gate, is mixing by the next dense one there", async () => {
      const body = `g (float[1, 8, 6, 6] x) => (z) <${WEIGHTS}, float[2, 4, 1, 1] halves> {
        p = GlobalAveragePool(x) s = Conv<group = 2>(p, halves) e = Conv(s, excite)
        w = Sigmoid(e) h = Mul(x, w) z = Relu(h) }`;
      expect(await fateOf(body, "s")).toEqual(mixedBy("e"));
    });

    it("of the gate's last layer, is mixing by the first dense one behind the gate", async () => {
      const gate = `p = GlobalAveragePool(x) s = Conv(p, squeeze) e = Conv<group = 2>(s, halves)
        w = Sigmoid(e) h = Mul(x, w)`;
      const body = (rest: string) => `g (float[1, 8, 6, 6] x) => (z)
        <${WEIGHTS}, float[8, 1, 1, 1] halves> { ${gate} ${rest} }`;
      const joinedAt = "h";
      expect(await fateOf(body("z = Conv(h, dense)"), "e")).toEqual({ ...mixedBy("z"), joinedAt });
      const kept = { ...apart, parts: 2, outputs: ["z: 2 []"], joinedAt };
      expect(await fateOf(body("z = Relu(h)"), "e")).toEqual(kept);
    });

    it("is separation where an output is taken before the gate", async () => {
      const body = behind(`${squeezeExcite} z = Relu(y)`).replace("=> (z)", "=> (h, z)");
      expect(await fateOf(body)).toEqual({ ...apart, outputs: ["h: 4 []", "z: 4 []"] });
    });

    it("is gain by the statistics of a layer norm, and of a group norm over all", async () => {
      const layerNorm = `a = Transpose<perm = [0, 2, 3, 1]>(y) b = LayerNormalization(a, c)
        z = Transpose<perm = [0, 3, 1, 2]>(b)`;
      expect(await fateOf(behind(layerNorm))).toEqual({ ...apart, status: "gain", mixedBy: "b" });
      const groupNorm = (groups: number) =>
        behind(`z = GroupNormalization<num_groups = ${groups}>(y, c, c)`);
      const header = `<ir_version: 10, opset_import: ["" : 21]>`;
      expect(await fateOf(groupNorm(1), "y", header)).toEqual({
        ...apart,
        status: "gain",
        mixedBy: "z",
      });
      // Statistics of half of the channels join groups 0 1 and 2 3, not all.
      expect(await fateOf(groupNorm(2), "y", header)).toEqual(apart);
    });
  });

  describe("notes on the way", () => {
    it("batch norms and global poolings that find the groups apart", async () => {
      const deadly = "a = BatchNormalization(y, c, c, c, c) b = Relu(a) z = GlobalAveragePool(b)";
      expect(await fateOf(behind(deadly))).toEqual({
        ...apart,
        norms: ["a 4 -> 4"],
        poolings: ["z 4 -> 4"],
        outputs: ["z: 4 [a,z]"],
      });
      const late = "a = GlobalMaxPool(y) b = Flatten(a) z = Gemm(b, w)";
      expect(await fateOf(behind(late, "float[8, 5] w"))).toEqual({
        ...mixedBy("z"),
        poolings: ["a 4 -> 4"],
      });
      const rescued = "a = Conv(y, dense) b = Add(y, a) z = GlobalAveragePool(b)";
      expect(await fateOf(behind(rescued))).toEqual(mixedBy("a"));
    });

    it("the way with the most of them, where ways meet", async () => {
      const body = behind(`a = BatchNormalization(y, c, c, c, c) b = Conv<group = 4>(a, g4)
        d = Add(a, b) e = Add(y, d) f = Add(e, a) z = GlobalAveragePool(f)`);
      expect((await fateOf(body)).outputs).toEqual(["z: 4 [a,b,z]"]);
    });

    it("nothing where the groups may have met", async () => {
      const body = behind("a = my.domain.Blend(y) b = Add(y, a) z = GlobalAveragePool(b)");
      expect(await fateOf(body, "y", "", false)).toMatchObject({ status: "unknown", poolings: [] });
    });

    it("whether others had joined by then", async () => {
      const model = parseModel(
        behind(
          "a = Conv<group = 4>(y, g4) b = Add(a, x) d = Conv<group = 4>(b, g4) z = Conv(d, dense)",
        ),
      );
      const shapes = await inferShapes(model);
      const mixing = await surveyMixing(model, findConvolutions(model, shapes), shapes);
      const [first] = mixing.values();
      expect(first.groupedConvs.map(({ node, joined }) => [node.label, joined])).toEqual([
        ["a", false],
        ["d", true],
      ]);
      const [a, d] = first.groupedConvs;
      expect([a.previous, d.previous]).toEqual([null, a]);
    });
  });

  describe("where something cannot be followed", () => {
    const unknown = (node: string): Fate => ({
      ...nothing,
      status: "unknown",
      parts: 4,
      unknownAt: node,
    });

    it("is unknown behind an operator nobody knows", async () => {
      expect(await fateOf(behind("z = my.domain.Blend(y)"), "y", "", false)).toEqual(unknown("z"));
      const ahead = "a = my.domain.Blend(y) z = Relu(a)";
      expect(await fateOf(behind(ahead), "y", "", false)).toEqual(unknown("a"));
    });

    it("is unknown where the unknown comes back in", async () => {
      const joined = { joinedAt: "z" };
      const content = "a = my.domain.Blend(y) b = Relu(a) z = Add(y, b)";
      expect(await fateOf(behind(content), "y", "", false)).toEqual({ ...unknown("a"), ...joined });
      const bypass = "a = my.domain.Blend(x) z = Add(y, a)";
      expect(await fateOf(behind(bypass), "y", "", false)).toEqual({ ...unknown("a"), ...joined });
      const beside = "a = my.domain.Blend(y) z = Concat<axis = 1>(y, a)";
      expect((await fateOf(behind(beside), "y", "", false)).status).toBe("unknown");
    });

    it("is unknown where an output hangs on the unknown, though groups meet on the way to another", async () => {
      for (const nodes of [
        "a = my.domain.Blend(y) z = Conv(y, dense)",
        "b = my.domain.Blend(y) z = Conv(y, dense) a = Relu(b)",
      ])
        expect(
          await fateOf(behind(nodes).replace("=> (z)", "=> (z, a)"), "y", "", false),
        ).toMatchObject({ status: "unknown", mixedBy: null });
      const around = "a = my.domain.Blend(x) z = Conv(y, dense)";
      expect(
        await fateOf(behind(around).replace("=> (z)", "=> (z, a)"), "y", "", false),
      ).toMatchObject({ status: "mixed", mixedBy: "z" });
    });

    it("is unknown behind a norm whose scale is made of data", async () => {
      // Adaptive instance normalisation: the style mixes all groups and scales each channel.
      const style = `a = GlobalAveragePool(y) f = Flatten(a) m = Conv(a, dense) v = Flatten(m)
        s = ReduceSum<keepdims = 0>(v, zero) z = InstanceNormalization(y, s, c)`;
      expect((await fateOf(behind(style, "int64[1] zero = {0}"))).status).toBe("unknown");
      expect((await fateOf(behind("z = InstanceNormalization(y, c, c)"))).status).toBe("separate");
    });

    it("is known all the same where it is proven", async () => {
      const before = "a = Conv(y, dense) z = my.domain.Blend(a)";
      expect(await fateOf(behind(before), "y", "", false)).toEqual(mixedBy("a"));
      const aside = behind("a = my.domain.Blend(y) z = Relu(y)").replace("=> (z)", "=> (z, a)");
      expect(await fateOf(aside, "y", "", false)).toEqual({ ...apart, unknownAt: "a" });
      const elsewhere = `g (float[1, 8, 6, 6] x, float[1, 8, 6, 6] o) => (z) <${WEIGHTS}> {
        y = Conv<group = 4>(x, g4) a = my.domain.Blend(o) z = Add(y, a) }`;
      expect(await fateOf(elsewhere, "y", "", false)).toEqual({ ...apart, joinedAt: "z" });
    });

    it("is unknown behind a loop that reads the groups, or their input", async () => {
      const loop = (inner: string) =>
        `Loop(n, which, ${inner}) <body = one (int64 i, bool go, float[] v) => (bool again, float[] p) {
          again = Identity(go) p = Relu(v) }>`;
      const withLoop = (nodes: string) =>
        behind(nodes).replace("(float[1, 8", "(int64 n, bool which, float[1, 8");
      expect(await fateOf(withLoop(`z = ${loop("y")}`))).toEqual(unknown("z"));
      for (const inner of ["x", "y"])
        expect(await fateOf(withLoop(`a = ${loop(inner)} z = Add(a, y)`))).toMatchObject({
          status: "unknown",
          unknownAt: "a",
        });
    });

    it("is known within the body of a loop, as far as it goes", async () => {
      const body = (
        last: string,
      ) => `g (int64 n, bool which, float[1, 8, 6, 6] x) => (z) <${WEIGHTS}> {
        z = Loop(n, which, x) <body = one (int64 i, bool go, float[] v) => (bool again, float[] p) {
          again = Identity(go) y = Conv<group = 4>(v, g4) p = ${last} }>
      }`;
      expect(await fateOf(body("Conv(y, dense)"))).toEqual(mixedBy("p"));
      expect(await fateOf(body("Relu(y)"))).toEqual(unknown("p"));
    });
    it("is unknown where the convolution is of a kind that is not followed", async () => {
      const body = `g (float[1, 6, 6, 8] x) => (z) <${WEIGHTS}> {
        z = com.microsoft.NhwcFusedConv<group = 4>(x, g4) }`;
      expect(await fateOf(body, "z", "", false)).toMatchObject({ status: "unknown" });
    });
  });

  describe("in the branches of an If", () => {
    const branches = (one: string, two: string) =>
      `If(which) <then_branch = one () => (p) { ${one} }, else_branch = two () => (q) { ${two} }>`;
    const withIf = (nodes: string) =>
      behind(nodes).replace("(float[1, 8", "(bool which, float[1, 8");

    it("is followed through where both branches keep them alike", async () => {
      const both = branches("p = Relu(y)", "a = Neg(y) q = Conv<group = 8>(a, g8)");
      expect(await fateOf(withIf(`z = ${both}`))).toEqual({
        ...apart,
        groupedConvs: ["q 4 -> 4"],
        outputs: ["z: 4 [q]"],
      });
      const around = `a = ${branches("p = Relu(x)", "q = Neg(x)")} z = Add(a, y)`;
      expect(await fateOf(withIf(around))).toEqual({ ...apart, joinedAt: "z" });
      const mixed = branches("p = Conv(y, dense)", "q = Conv(y, dense)");
      expect(await fateOf(withIf(`z = ${mixed}`))).toEqual(mixedBy("z"));
    });

    it("is unknown where one branch mixes and the other does not, or where groups decide", async () => {
      const nodes = `z = ${branches("p = Relu(y)", "q = Conv(y, dense)")}`;
      expect(await fateOf(withIf(nodes))).toMatchObject({ status: "unknown", unknownAt: "z" });
      const decided = `a = ReduceMax<keepdims = 0>(y) b = Cast<to = 9>(a)
        z = If(b) <then_branch = one () => (p) { p = Relu(y) }, else_branch = two () => (q) { q = Neg(y) }>`;
      expect(await fateOf(behind(decided))).toMatchObject({ status: "unknown" });
    });

    it("is followed out of a branch, the other one being no way around it", async () => {
      const body = (
        last: string,
        then: string,
      ) => `g (bool which, float[1, 8, 6, 6] x) => (z) <${WEIGHTS}> {
        r = If(which) <then_branch = one () => (p) { y = Conv<group = 4>(x, g4) p = ${last} },
                       else_branch = two () => (q) { q = Conv(x, dense) }>
        z = ${then}
      }`;
      expect(await fateOf(body("Conv(y, dense)", "Relu(r)"))).toEqual(mixedBy("p"));
      expect(await fateOf(body("Relu(y)", "Conv(r, dense)"))).toEqual(mixedBy("z"));
      expect(await fateOf(body("Relu(y)", "Conv<group = 4>(r, g4)"))).toEqual({
        ...apart,
        groupedConvs: ["z 4 -> 4"],
        outputs: ["z: 4 [z]"],
      });
    });

    it("is followed through branches within branches, with gates and sizes known outside", async () => {
      const inner = `p = If(which) <
        then_branch = a () => (s) { l, m = Split<axis = 1>(y, sizes) s = Concat<axis = 1>(m, l) },
        else_branch = b () => (t) {
          n = GlobalAveragePool(y) o = Conv(n, dense) e = Sigmoid(o) f = Mul(y, e)
          u, v = Split<axis = 1>(f, sizes) t = Concat<axis = 1>(v, u)
        }>`;
      const model = (which: string) =>
        withIf(
          `sizes = Concat<axis = 0>(four, four) r = ${branches(inner, "q = Neg(x)")} z = ${which}`,
        ).replace("float[8] c", "float[8] c, int64[1] four = {4}");
      // One inner branch meets by gain, which is more than the other: not the same.
      expect((await fateOf(model("Relu(r)"))).status).toBe("unknown");
      expect(await fateOf(model("Conv(r, dense)"))).toMatchObject({ status: "unknown" });
    });
  });

  describe("in a quantised model", () => {
    const scales = "float s = {0.1}, uint8 zero = {128}";

    it("is followed through QuantizeLinear and DequantizeLinear", async () => {
      const nodes = `a = QuantizeLinear(y, s, zero) b = DequantizeLinear(a, s, zero)
        w = DequantizeLinear(q, s, zero) d = Conv<group = 4>(b, w) e = QuantizeLinear(d, s, zero)
        z = DequantizeLinear(e, s, zero)`;
      expect(await fateOf(behind(nodes, `${scales}, uint8[8, 2, 1, 1] q`))).toEqual({
        ...apart,
        groupedConvs: ["d 4 -> 4"],
        outputs: ["z: 4 [d]"],
      });
    });

    it("is followed through the operators of the quantised kind", async () => {
      const body = (last: string) => `<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>
        g (uint8[1, 8, 6, 6] x) => (z) <${scales}, uint8[8, 2, 1, 1] w, uint8[8, 8, 1, 1] d> {
        y = QLinearConv<group = 4>(x, s, zero, w, s, zero, s, zero)
        a = com.microsoft.QLinearLeakyRelu(y, s, zero, s, zero)
        b = com.microsoft.QLinearAdd(a, s, zero, x, s, zero, s, zero)
        e = com.microsoft.QLinearConcat<axis = 1>(s, zero, b, s, zero, b, s, zero)
        f, h = Split<axis = 1>(e)
        i = com.microsoft.QLinearMul(h, s, zero, f, s, zero, s, zero)
        ${last}
      }`;
      const pooled =
        "z = com.microsoft.QLinearGlobalAveragePool<channels_last = 0>(i, s, zero, s, zero)";
      expect(await fateOf(body(pooled))).toEqual({
        ...apart,
        joinedAt: "b",
        poolings: ["z 4 -> 4"],
        outputs: ["z: 4 [z]"],
      });
      const dense = "z = QLinearConv(i, s, zero, d, s, zero, s, zero)";
      expect(await fateOf(body(dense))).toEqual({ ...mixedBy("z"), joinedAt: "b" });
      const product = `j = Transpose<perm = [0, 2, 3, 1]>(i) z = QLinearMatMul(j, s, zero, m, s, zero, s, zero)`;
      const withMatrix = body(product).replace(
        "uint8[8, 2, 1, 1] w",
        "uint8[8, 2, 1, 1] w, uint8[8, 3] m",
      );
      expect(await fateOf(withMatrix)).toEqual({ ...mixedBy("z"), joinedAt: "b" });
    });
  });
});
