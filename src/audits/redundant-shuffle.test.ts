import { testAudit } from "../../tests/support/test-audit.js";
import { redundantShuffle } from "./redundant-shuffle.js";

const constants = `
  float[8, 2, 3, 3] grouped, float[8, 8, 1, 1] dense, float[8, 1, 3, 3] depthwise,
  float[4, 4, 1, 1] half,
  int64[5] two = {1, 2, 4, 4, 4}, int64[5] four = {1, 4, 2, 4, 4}, int64[5] eight = {1, 1, 8, 4, 4},
  int64[4] flat = {1, 8, 4, 4}`;

/** A grouped convolution `before`, then these nodes; they read `x` and write `y`. */
const after = (nodes: string) => `net (float[1, 8, 4, 4] image) => (y) <${constants}> {
  [before] x = Conv<group = 4, pads = [1, 1, 1, 1]>(image, grouped)
  ${nodes}
}`;

/** Reads [g, C/g] column by column. */
const shuffle = (from: string, to: string, shape: "two" | "four" | "eight") => `
  [${to}_deal] ${to}_5d = Reshape(${from}, ${shape})
  ${to}_turned = Transpose<perm = [0, 2, 1, 3, 4]>(${to}_5d)
  ${to} = Reshape(${to}_turned, flat)`;

testAudit(redundantShuffle, {
  clean: [
    {
      name: "a shuffle between grouped convolutions",
      model: after(`${shuffle("x", "s", "four")}
        [next] y = Conv<group = 4, pads = [1, 1, 1, 1]>(s, grouped)`),
    },
    {
      name: "a shuffle that the caller sees",
      model: after(shuffle("x", "y", "four")),
    },
    {
      name: "a dense reader and a grouped one",
      model: after(`${shuffle("x", "s", "two")}
        a = Conv(s, dense)
        b = Conv<group = 4, pads = [1, 1, 1, 1]>(s, grouped)
        y = Add(a, b)`),
    },
    {
      name: "two shuffles that do not undo each other",
      // Dealing 8 channels by 2 and then by 2 again: 0 4 1 5 2 6 3 7, then 0 2 4 6 1 3 5 7.
      model: after(`${shuffle("x", "s", "two")}${shuffle("s", "t", "two")}
        [next] y = Conv<group = 4, pads = [1, 1, 1, 1]>(t, grouped)`),
    },
    {
      name: "no layer near it whose groups it could serve",
      model: `net (float[1, 8, 4, 4] x) => (y) <${constants}> { ${shuffle("x", "y", "eight")} }`,
    },
  ],
  found: [
    {
      name: "one group to deal from",
      preset: "recommended",
      model: after(`${shuffle("x", "s", "eight")}
        [next] y = Conv<group = 4, pads = [1, 1, 1, 1]>(s, grouped)`),
      findings: [
        {
          node: "before",
          messageId: "identity",
          message: "the shuffle s_deal leaves all 8 channels where they are",
          severity: "warning",
        },
      ],
    },
    {
      name: "dealt by four, then by two: each channel is back",
      preset: "recommended",
      model: after(`${shuffle("x", "s", "four")}
        r = Relu(s)
        ${shuffle("r", "t", "two")}
        [next] y = Conv<group = 4, pads = [1, 1, 1, 1]>(t, grouped)`),
      findings: [
        {
          node: "before",
          messageId: "undone",
          message:
            "the shuffle t_deal puts back what s_deal moved: all 8 channels are in the old order",
          severity: "warning",
        },
      ],
    },
    {
      name: "three in a row: one pair, and the third stays",
      model:
        after(`${shuffle("x", "s", "four")}${shuffle("s", "t", "two")}${shuffle("t", "u", "four")}
        [next] y = Conv<group = 4, pads = [1, 1, 1, 1]>(u, grouped)`),
      findings: [{ node: "before", messageId: "undone" }],
    },
    {
      name: "only dense convolutions read it, one behind a depthwise one",
      preset: "recommended",
      model: after(`${shuffle("x", "s", "four")}
        d = Conv<group = 8, pads = [1, 1, 1, 1]>(s, depthwise)
        [first] a = Conv(s, dense)
        [second] b = Conv(d, dense)
        y = Add(a, b)`),
      findings: [
        {
          node: "before",
          messageId: "foldable",
          message:
            "only dense layers read the shuffle s_deal of 8 channels, and they mix all channels anyway: first, second",
          severity: "info",
        },
      ],
    },
    {
      name: "the layer nearest before it names it, as where half of the channels pass by",
      model: after(`h, p = Split<axis = 1>(x)
        r = Relu(h)
        [late] q = Conv(p, half)
        j = Concat<axis = 1>(r, q)
        ${shuffle("j", "s", "two")}
        [next] y = Conv(s, dense)`),
      findings: [{ node: "late", messageId: "foldable" }],
    },
    {
      name: "no layer before it: it is named with the one behind",
      model: `net (float[1, 8, 4, 4] x) => (y) <${constants}> {
        ${shuffle("x", "s", "two")}
        [stem] y = Conv(s, dense)
      }`,
      findings: [{ node: "stem", messageId: "foldable" }],
    },
  ],
  notApplicable: [
    { name: "no shuffle", model: after("y = Relu(x)"), reason: "no node shuffles channels" },
  ],
});
