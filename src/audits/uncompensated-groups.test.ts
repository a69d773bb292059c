import { testAudit } from "../../tests/support/test-audit.js";
import { buildModel, TunableGroupConv } from "../nn/index.js";
import { uncompensatedGroups } from "./uncompensated-groups.js";

/** What `nodes` make of `x` [1, 16, 8, 8], and perhaps of `o` of the same shape. */
function network(nodes: string): string {
  return `g (float[1, 16, 8, 8] x, float[1, 16, 8, 8] o) => (y) <float[16, 4, 1, 1] g4,
    float[16, 16, 1, 1] pw, float[4, 16, 1, 1] squeeze, float[16, 4, 1, 1] excite, float[16] c> { ${nodes} }`;
}

testAudit(uncompensatedGroups, {
  clean: [
    {
      name: "a residual connection",
      model: network("a = Conv<group = 4>(x, g4) b = Relu(a) y = Add(x, b)"),
    },
    {
      name: "the seed's 1x1 branch",
      model: () =>
        buildModel(new TunableGroupConv(16, 16, { groups: 4 }), { inputShape: [1, 16, 8, 8] }),
    },
    {
      name: "a connection from further back, before what mixes",
      model: network("a = Conv<group = 4>(x, g4) b = Add(a, o) y = Conv(b, pw)"),
    },
    {
      name: "an operator nobody knows: no verdict",
      model: network("a = Conv<group = 4>(x, g4) y = my.domain.Unknown(a)"),
    },
  ],
  found: [
    {
      name: "nothing at all",
      preset: "recommended",
      model: network("a = Conv<group = 4>(x, g4) y = Relu(a)"),
      findings: [
        {
          node: "a",
          messageId: "bare",
          message:
            "4 groups never all meet, and neither a residual connection nor a 1x1 branch joins them",
          advice: /conv\(x\) \+ 0\.3 \* conv1x1\(x\)/,
          severity: "info",
        },
      ],
    },
    {
      name: "a gate, which brings factors only",
      model: network(`a = Conv<group = 4>(x, g4) p = GlobalAveragePool(a) s = Conv(p, squeeze)
        e = Conv(s, excite) f = Sigmoid(e) y = Mul(a, f)`),
      findings: [{ node: "a", messageId: "bare", severity: "warning" }],
    },
    {
      name: "what is set beside the groups joins no channel of theirs",
      model: network("a = Conv<group = 4>(x, g4) y = Concat<axis = 1>(a, x)"),
      findings: [{ node: "a", messageId: "bare" }],
    },
    {
      name: "a 1x1 behind, as in MobileNet",
      model: network("a = Conv<group = 4>(x, g4) b = Relu(a) [mix] y = Conv(b, pw)"),
      findings: [
        {
          node: "a",
          messageId: "fusedOnly",
          message:
            "4 groups meet at mix, but nothing compensates before: no residual connection, no 1x1 branch",
          severity: "info",
        },
      ],
    },
    {
      name: "a residual connection around the block joins behind what mixes",
      model: network("a = Conv<group = 4>(x, g4) [mix] b = Conv(a, pw) y = Add(x, b)"),
      findings: [{ node: "a", messageId: "fusedOnly" }],
    },
  ],
  notApplicable: [
    { name: "dense", model: network("y = Conv(x, pw)"), reason: "no convolution has groups" },
    {
      name: "groups that do not fit",
      model: network("y = Conv<group = 2>(x, g4)"),
      reason: "no convolution has groups",
    },
  ],
});
