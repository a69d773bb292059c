import type { Experiment } from "../experiment.js";
import { STAGE_CHANNELS } from "../lab-net.js";

const depthwise = STAGE_CHANNELS[2];

/** S5: a grouped convolution whose groups go into global pooling unmixed. */
export const groupedIntoPooling: Experiment = {
  id: "grouped-into-pooling",
  title: "A grouped convolution straight into global pooling",
  seedRows: ["S5", "S7"],
  background:
    "Only the last 3x3 convolution differs: dense or grouped, with a 1x1 convolution before the pooling or without. The two stages before it are dense.",
  arms: [
    { name: "dense", net: { groups: [1, 1, 1], lastMixer: "none" } },
    { name: "dense + 1x1", net: { groups: [1, 1, 1] } },
    { name: "G=8", net: { groups: [1, 1, 8], lastMixer: "none" } },
    { name: "G=8 + 1x1", net: { groups: [1, 1, 8] } },
    { name: "depthwise", net: { groups: [1, 1, depthwise], lastMixer: "none" } },
    { name: "depthwise + 1x1", net: { groups: [1, 1, depthwise] } },
  ],
  comparisons: [
    {
      claim: "8 groups straight into the pooling are worse than a dense convolution",
      better: "dense",
      worse: "G=8",
    },
    {
      claim: "Depthwise straight into the pooling is worse than dense",
      better: "dense",
      worse: "depthwise",
    },
    {
      claim:
        "A 1x1 convolution before the pooling helps 8 groups more than it helps a dense convolution",
      better: "G=8 + 1x1",
      worse: "G=8",
      minus: { better: "dense + 1x1", worse: "dense" },
    },
  ],
  limits: "A linear layer behind the pooling lets all groups meet, as in nearly every classifier.",
};
