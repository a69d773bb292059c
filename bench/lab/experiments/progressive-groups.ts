import type { Experiment } from "../experiment.js";

/** S24, S8: groups that grow with depth. */
export const progressiveGroups: Experiment = {
  id: "progressive-groups",
  title: "Groups that grow, stay or fall with depth",
  seedRows: ["S24", "S8", "S10"],
  background:
    "The three grouped convolutions cost the same when dense, so 2-4-8 and 8-4-2 cost exactly the same; 4-4-4 is the constant order nearest to them, 14 % cheaper in its 3x3 convolutions.",
  arms: [
    { name: "2-4-8", net: { groups: [2, 4, 8] } },
    { name: "8-4-2", net: { groups: [8, 4, 2] } },
    { name: "4-4-4", net: { groups: [4, 4, 4] } },
    { name: "1-1-1", net: { groups: [1, 1, 1] } },
  ],
  comparisons: [
    { claim: "Growing groups are better than falling ones", better: "2-4-8", worse: "8-4-2" },
    { claim: "Growing groups are better than constant ones", better: "2-4-8", worse: "4-4-4" },
  ],
  limits: "Three stages, and group counts from 2 to 8, as the seed has them.",
};
