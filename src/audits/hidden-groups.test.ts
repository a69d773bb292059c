import { testAudit } from "../../tests/support/test-audit.js";
import { range } from "../util/math.js";
import { hiddenGroups } from "./hidden-groups.js";

/** A weight [M, C/G, 1, 1] of these elements, and one convolution over [1, C, 4, 4]. */
const conv = (rows: readonly (readonly number[])[], groups = 1) =>
  `net (float[1, ${rows[0].length * groups}, 4, 4] x) => (y)
  <float[${rows.length}, ${rows[0].length}, 1, 1] w = {${rows.flat().join(", ")}}> {
    [conv] y = Conv<group = ${groups}>(x, w)
  }`;

/** `blocks` blocks of ones along the diagonal of a square. */
const blockDiagonal = (channels: number, blocks: number) => {
  const block = (channel: number) => Math.floor((channel * blocks) / channels);
  return range(channels).map((m) => range(channels).map((c) => (block(m) === block(c) ? 1 : 0)));
};

testAudit(hiddenGroups, {
  clean: [
    {
      name: "zeros that leave the channels connected",
      model: conv([
        [1, 0, 0, 1],
        [1, 1, 0, 0],
        [0, 1, 1, 0],
        [0, 0, 1, 1],
      ]),
    },
    { name: "blocks that are no equal groups", model: conv(blockDiagonal(4, 4).map(joinThree)) },
    {
      name: "parts of the channels that go to layers of their own",
      model: `net (float[1, 4, 4, 4] x) => (c, d) <float[2, 2, 1, 1] v, float[2, 2, 1, 1] w> {
        a, b = Split<axis = 1>(x)
        c = Conv(a, v)
        d = Conv(b, w)
      }`,
    },
  ],
  found: [
    {
      name: "a dense layer of two blocks",
      preset: "recommended",
      model: conv([
        [1, 2, 0, 0],
        [3, 4, 0, 0],
        [0, 0, 5, 6],
        [0, 0, 7, 8],
      ]),
      findings: [
        {
          node: "conv",
          messageId: "blockDiagonal",
          // 16 weights at 16 places
          message:
            "groups=1, but all weight that is not zero lies in 2 blocks: groups=2 (2 channels per group) " +
            "computes the same and saves 50 % of its 256 multiply-accumulates",
          suggestedGroups: 2,
          severity: "warning",
        },
      ],
    },
    {
      name: "a dense layer of blocks that ONNX Runtime's blocked kernel cannot run is still dense",
      model: conv(blockDiagonal(16, 4)),
      options: { blockSize: 8 },
      findings: [{ node: "conv", messageId: "blockDiagonal", suggestedGroups: 4 }],
    },
    {
      name: "even channels and odd ones",
      preset: "recommended",
      model: conv([
        [1, 0, 2, 0],
        [0, 3, 0, 4],
        [5, 0, 6, 0],
        [0, 7, 0, 8],
      ]),
      findings: [
        {
          node: "conv",
          messageId: "permuted",
          message:
            "groups=1, but all weight that is not zero lies in 2 blocks once its channels are put in another order: " +
            "groups=2 (2 channels per group) saves 50 % of its 256 multiply-accumulates",
          advice: /as the channels stand, groups=1 computes the same/,
          suggestedGroups: 2,
          severity: "warning",
        },
      ],
    },
    {
      name: "groups packed to fill the blocks of the kernel",
      preset: "recommended",
      model: conv([...blockDiagonal(8, 2), ...blockDiagonal(8, 2)], 2),
      options: { blockSize: 8 },
      findings: [
        {
          node: "conv",
          messageId: "packed",
          message:
            "groups=2 holds 4 groups packed with zeros; ONNX Runtime, CPU, float32 runs groups=4 slowly: " +
            "4 channels per group, not a multiple of the block of 8",
          suggestedGroups: null,
          severity: "info",
        },
      ],
    },
    {
      name: "two groups that are four, as fast as the two",
      model: conv([...blockDiagonal(16, 2), ...blockDiagonal(16, 2)], 2),
      options: { blockSize: 8 },
      findings: [
        {
          node: "conv",
          messageId: "blockDiagonal",
          // 32 x 16 weights at 16 places
          message:
            "groups=2, but all weight that is not zero lies in 4 blocks: groups=4 (8 channels per group) " +
            "computes the same and saves 50 % of its 8192 multiply-accumulates",
        },
      ],
    },
    {
      name: "two groups that are four, as slow as the two",
      model: conv([...blockDiagonal(4, 2), ...blockDiagonal(4, 2)], 2),
      options: { blockSize: 8 },
      findings: [{ node: "conv", messageId: "blockDiagonal", suggestedGroups: 4 }],
    },
    {
      name: "no shapes, so no multiply-accumulates to name",
      model: `net (float[1, 2, 4, 4] x) => (y) <float[2, 2, 1, 1] w = {1, 0, 0, 1}> {
        [conv] a = Conv(x, w)
        y = unknown.domain.Operator(a)
      }`,
      findings: [
        {
          node: "conv",
          messageId: "blockDiagonal",
          message:
            "groups=1, but all weight that is not zero lies in 2 blocks: groups=2 (1 channel per group) " +
            "computes the same and saves 50 % of its multiply-accumulates",
        },
      ],
    },
    {
      name: "grouped convolutions beside each other",
      model: `net (float[1, 8, 4, 4] x) => (y) <float[4, 2, 1, 1] u, float[4, 2, 1, 1] v> {
        a, b = Split<axis = 1>(x)
        [first] c = Conv<group = 2>(a, u)
        [second] d = Conv<group = 2>(b, v)
        [join] y = Concat<axis = 1>(c, d)
      }`,
      findings: [
        {
          node: "first",
          messageId: "parallel",
          message:
            "2 convolutions beside each other (first, second) are one with groups=4 (2 channels per group), " +
            "taken apart before them and joined by join",
          suggestedGroups: 4,
        },
      ],
    },
    {
      name: "one convolution spelled out as three",
      preset: "recommended",
      model: `net (float[1, 6, 4, 4] x) => (y)
      <float[2, 2, 1, 1] u, float[2, 2, 1, 1] v, float[2, 2, 1, 1] w, int64[3] sizes = {2, 2, 2}> {
        a, b, c = Split<axis = 1>(x, sizes)
        [first] d = Conv(a, u)
        [second] e = Conv(b, v)
        [third] f = Conv(c, w)
        [join] y = Concat<axis = 1>(d, e, f)
      }`,
      findings: [
        {
          node: "first",
          messageId: "parallel",
          message:
            "3 convolutions beside each other (first, second, third) are one with groups=3 (2 channels per group), " +
            "taken apart before them and joined by join",
          related: ["second", "third"],
          suggestedGroups: 3,
          severity: "warning",
        },
      ],
    },
  ],
  notApplicable: [
    {
      name: "no convolution",
      model: "net (float[2] x) => (y) { y = Relu(x) }",
      reason: "there is no convolution",
    },
    {
      name: "a weight that is computed",
      model: `net (float[1, 4, 4, 4] x, float[4, 4, 1, 1] w) => (y) { y = Conv(x, w) }`,
      reason: "no weight could be read: its weight is no constant",
    },
  ],
});

/** Joins the first three channels, which leaves blocks of three and one. */
function joinThree(row: readonly number[], m: number): number[] {
  return row.map((weight, c) => (m < 3 && c < 3 ? 1 : weight));
}
