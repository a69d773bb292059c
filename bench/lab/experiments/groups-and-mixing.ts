import type { Experiment } from "../experiment.js";
import { STAGE_CHANNELS } from "../lab-net.js";

const [a, b, c] = STAGE_CHANNELS;

/** S1, S2: what groups cost when their channels never meet, and when they do. */
export const groupsAndMixing: Experiment = {
  id: "groups-and-mixing",
  title: "Groups, with and without anything that lets them meet",
  seedRows: ["S1", "S2"],
  background:
    "The seed warns of convolutions whose groups stay apart. Each group count is trained three ways: with nothing behind the grouped convolutions, with a channel shuffle, and with a 1x1 convolution. The 1x1 convolutions have weights of their own, the shuffle has none.",
  arms: [
    { name: "dense", net: { groups: [1, 1, 1], mixer: "none" } },
    { name: "dense + 1x1", net: { groups: [1, 1, 1] } },
    ...([4, 16] as const).flatMap((g) => [
      { name: `G=${g}`, net: { groups: [g, g, g], mixer: "none" } as const },
      { name: `G=${g} + shuffle`, net: { groups: [g, g, g], mixer: "shuffle" } as const },
      { name: `G=${g} + 1x1`, net: { groups: [g, g, g] } as const },
    ]),
    { name: "depthwise", net: { groups: [a, b, c], mixer: "none" } },
    { name: "depthwise + 1x1", net: { groups: [a, b, c] } },
  ],
  comparisons: [
    {
      claim:
        "4 groups that never meet within a stage are worse than 4 that a 1x1 convolution lets meet",
      better: "G=4 + 1x1",
      worse: "G=4",
    },
    {
      claim: "The same of 16 groups",
      better: "G=16 + 1x1",
      worse: "G=16",
    },
    {
      claim: "The same of depthwise convolutions",
      better: "depthwise + 1x1",
      worse: "depthwise",
    },
    {
      claim: "A shuffle, which has no weights, helps 16 groups",
      better: "G=16 + shuffle",
      worse: "G=16",
    },
    {
      claim: "The 1x1 convolution helps 16 groups more than it helps a dense convolution",
      better: "G=16 + 1x1",
      worse: "G=16",
      minus: { better: "dense + 1x1", worse: "dense" },
    },
    {
      claim: "Dense is better than 16 groups with 1x1 convolutions",
      better: "dense",
      worse: "G=16 + 1x1",
    },
  ],
  limits:
    "The 1x1 transitions between the stages let all groups meet once in each network, whatever is behind the grouped convolutions.",
};
