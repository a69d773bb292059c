import type { Experiment } from "../experiment.js";

/** S19, S23: something added to what a grouped convolution makes. */
export const residualCompensation: Experiment = {
  id: "residual-compensation",
  title: "A way around a grouped convolution",
  seedRows: ["S19", "S23"],
  background:
    "The seed adds a 1x1 branch, times 0.3, or the input itself to a grouped convolution. Here nothing else lets the groups of a stage meet.",
  arms: [
    { name: "G=8", net: { groups: [8, 8, 8], mixer: "none" } },
    { name: "G=8 + identity", net: { groups: [8, 8, 8], mixer: "none", compensation: "identity" } },
    { name: "G=8 + branch", net: { groups: [8, 8, 8], mixer: "none", compensation: "branch" } },
    { name: "dense", net: { groups: [1, 1, 1], mixer: "none" } },
    { name: "dense + branch", net: { groups: [1, 1, 1], mixer: "none", compensation: "branch" } },
  ],
  comparisons: [
    { claim: "A 1x1 branch helps 8 groups", better: "G=8 + branch", worse: "G=8" },
    { claim: "The input, added, helps 8 groups", better: "G=8 + identity", worse: "G=8" },
    {
      claim: "A 1x1 branch helps 8 groups more than a dense convolution",
      better: "G=8 + branch",
      worse: "G=8",
      minus: { better: "dense + branch", worse: "dense" },
    },
  ],
  limits: "Three convolutions are too few for the identity to help what it helps in deep networks.",
};
