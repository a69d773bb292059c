import type { Experiment } from "../experiment.js";

/** S6: batch norm behind a grouped convolution. */
export const bnAfterGrouped: Experiment = {
  id: "bn-after-grouped",
  title: "Batch norm behind a grouped convolution",
  seedRows: ["S6"],
  background:
    "The seed says that groups distort the statistics of batch norm. If so, batch norm helps a grouped convolution less than a dense one.",
  arms: [
    { name: "dense, no norm", net: { groups: [1, 1, 1], norm: false } },
    { name: "dense + norm", net: { groups: [1, 1, 1] } },
    { name: "G=8, no norm", net: { groups: [8, 8, 8], norm: false } },
    { name: "G=8 + norm", net: { groups: [8, 8, 8] } },
  ],
  comparisons: [
    {
      claim: "Batch norm behind 8 groups does harm",
      better: "G=8, no norm",
      worse: "G=8 + norm",
    },
    {
      claim: "Batch norm helps a dense convolution more than 8 groups",
      better: "dense + norm",
      worse: "dense, no norm",
      minus: { better: "G=8 + norm", worse: "G=8, no norm" },
    },
  ],
  limits: "Other norms of the network stay in all arms.",
};
