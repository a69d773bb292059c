import { Sketch } from "../../tests/support/sketch.js";
import { testAudit } from "../../tests/support/test-audit.js";
import { groupedSkip } from "./grouped-skip.js";

/** Down and up again, with a convolution on the connection across. */
function network(skipGroups: number, decoderGroups = 1) {
  const s = new Sketch();
  const fine = s.conv("stem", s.image(32), 16);
  const coarse = s.conv("encoder", s.pool(s.conv("encoder1", fine, 16)), 16);
  const across = s.conv("across", fine, 16, { kernel: 1, groups: skipGroups });
  const joined = s.add("join", across, s.up("up", coarse));
  const decoded = s.conv("decoder", joined, 16, { groups: decoderGroups });
  s.output("mask", s.bare("last", decoded, 4));
  return s.model;
}

testAudit(groupedSkip, {
  clean: [
    { name: "a dense connection", model: () => network(1) },
    { name: "a dense connection into a grouped decoder", model: () => network(1, 4) },
    {
      name: "groups that no runtime could run",
      model: `net (float[1, 10, 8, 8] x) => (y) <float[10, 2, 3, 3] w> { [conv] y = Conv<group = 6>(x, w) }`,
      options: { roles: [{ pattern: "conv", role: "skip" }] },
    },
  ],
  found: [
    {
      name: "a connection with groups",
      model: () => network(4),
      findings: [
        {
          node: "across",
          messageId: "grouped",
          message:
            "groups=4 (4 channels per group) on a skip connection, where the seed asks for groups=1",
          suggestedGroups: 1,
          severity: "warning",
        },
      ],
    },
    {
      name: "recommended informs",
      preset: "recommended",
      model: () => network(16),
      findings: [
        {
          node: "across",
          messageId: "grouped",
          message:
            "groups=16 (1 channel per group) on a skip connection, where the seed asks for groups=1",
          severity: "info",
        },
      ],
    },
  ],
  notApplicable: [
    {
      name: "a connection without a convolution",
      model: () => {
        const s = new Sketch();
        const fine = s.conv("stem", s.image(32), 16, { groups: 1 });
        const up = s.up("up", s.conv("encoder", s.pool(fine), 16, { groups: 4 }));
        s.output("mask", s.bare("last", s.concat("join", fine, up), 4));
        return s.model;
      },
      reason: "no convolution is on a skip connection",
    },
  ],
});
