import { Sketch } from "../../tests/support/sketch.js";
import { testAudit } from "../../tests/support/test-audit.js";
import { headCountMismatch } from "./head-count-mismatch.js";

const CHANNELS = 24;
const SIZE = 4;

/** Attention over the places of a map; queries, keys and values by convolutions with these groups. */
function attention(heads: number, groups: number, keyGroups = groups) {
  const s = new Sketch();
  const x = s.conv("stem", s.image(SIZE), CHANNELS);
  const split = (name: string, count: number) => {
    const y = s.bare(name, x, CHANNELS, { kernel: 1, groups: count });
    return s.reshape(y, [1, heads, CHANNELS / heads, SIZE * SIZE]);
  };
  const queries = s.transpose(split("queries", groups), [0, 1, 3, 2]);
  const scores = s.named("scores", "MatMul", [queries, split("keys", keyGroups)]);
  const weights = s.op("Softmax", [scores], { axis: -1 });
  const values = s.transpose(split("values", groups), [0, 1, 3, 2]);
  s.output("y", s.op("MatMul", [weights, values]));
  return s.model;
}

/** Five heads of ONNX Runtime's operator, over 24 channels. */
const fiveHeads = (groups: number, channelsPerGroup: number) =>
  `<ir_version: 8, opset_import: ["" : 17, "com.microsoft" : 1]>
  net (float[1, 24, 4, 4] x, float[1, 16, 20] k) => (y)
  <float[24, ${channelsPerGroup}, 1, 1] w, float[24, 20] p, int64[3] flat = {1, 24, 16}> {
    [conv] a = Conv<group = ${groups}>(x, w)
    b = Reshape(a, flat)
    c = Transpose<perm = [0, 2, 1]>(b)
    q = MatMul(c, p)
    y = com.microsoft.MultiHeadAttention<num_heads = 5>(q, k, k)
  }`;

testAudit(headCountMismatch, {
  clean: [
    { name: "one group for each head", model: () => attention(4, 4) },
    { name: "dense keys beside one group for each head", model: () => attention(4, 4, 1) },
    // 24 channels can have 4 or 6 groups, and 4 mix more.
    { name: "as near to five heads as the channels allow", model: fiveHeads(4, 6) },
    { name: "groups that no runtime could run", model: fiveHeads(7, 3) },
  ],
  found: [
    {
      name: "six groups before four heads, in queries, keys and values",
      model: () => attention(4, 6),
      findings: [
        {
          node: "queries",
          messageId: "mismatch",
          message:
            "groups=6 (4 channels per group) before an attention with heads=4 at scores; nearest valid: 4",
          suggestedGroups: 4,
          severity: "warning",
        },
        { node: "keys", messageId: "mismatch" },
        { node: "values", messageId: "mismatch" },
      ],
    },
    {
      name: "only the keys differ; recommended informs",
      preset: "recommended",
      model: () => attention(4, 4, 2),
      findings: [{ node: "keys", messageId: "mismatch", suggestedGroups: 4, severity: "info" }],
    },
    {
      name: "depthwise, as CvT projects",
      model: () => attention(4, 1, 24),
      findings: [
        {
          node: "keys",
          messageId: "depthwise",
          message:
            "depthwise, groups=24, before an attention with heads=4 at scores; nearest valid: 4",
          suggestedGroups: 4,
          severity: "info",
        },
      ],
    },
  ],
  notApplicable: [
    {
      name: "no attention",
      model: () => {
        const s = new Sketch();
        s.output("y", s.conv("conv", s.image(8, 16), 16, { groups: 4 }));
        return s.model;
      },
      reason: "no convolution is followed by a multi-head attention",
    },
    {
      name: "dense convolutions before it",
      model: () => attention(4, 1),
      reason: "the convolutions before a multi-head attention are dense",
    },
  ],
});
