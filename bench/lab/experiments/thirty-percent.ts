import type { Experiment } from "../experiment.js";
import { type LabNetOptions, STAGE_CHANNELS } from "../lab-net.js";

function thin(channelsPerGroup: number): LabNetOptions {
  const [a, b, c] = STAGE_CHANNELS.map((channels) => channels / channelsPerGroup);
  return { groups: [a, b, c] };
}

/** S21: groups of at most 30 % of the channels. */
export const thirtyPercent: Experiment = {
  id: "thirty-percent",
  title: "More groups than 30 % of the channels",
  seedRows: ["S21"],
  background:
    "At most 30 % as many groups as channels means at least 4 channels a group. From 16 channels a group to 1, every grouped convolution is followed by a 1x1 convolution.",
  arms: [16, 8, 4, 2, 1].map((channelsPerGroup) => ({
    name: `${channelsPerGroup} a group (${(100 / channelsPerGroup).toFixed(channelsPerGroup > 8 ? 1 : 0)} %)`,
    net: thin(channelsPerGroup),
  })),
  comparisons: [
    {
      claim: "4 channels a group, within the rule, are better than 2",
      better: "4 a group (25 %)",
      worse: "2 a group (50 %)",
    },
    {
      claim: "4 channels a group are better than 1",
      better: "4 a group (25 %)",
      worse: "1 a group (100 %)",
    },
    {
      claim: "There is a step at 30 %: from 4 to 1 more is lost than from 16 to 4",
      better: "4 a group (25 %)",
      worse: "1 a group (100 %)",
      minus: { better: "16 a group (6.3 %)", worse: "4 a group (25 %)" },
    },
  ],
  limits: "Costs fall with the channels a group; what is lost may be the weights, not the rule.",
};
