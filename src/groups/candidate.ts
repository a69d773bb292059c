import { type ConvCost, convCost } from "./cost.js";
import type { Evidence, SeedRow } from "./evidence.js";
import type { GroupChoice } from "./policies/policy.js";
import {
  type ConvShape,
  isDepthwise,
  type Machine,
  type PathPrediction,
  perGroup,
  perGroupText,
  ruleText,
  satisfies,
  type Target,
} from "./targets/target.js";
import { groupShareLimit, MAX_GROUP_PERCENT, MIN_CHANNELS_PER_GROUP } from "./thresholds.js";

/** One thing that speaks for or against a group count, or that is worth knowing. */
export interface Reason {
  stance: "for" | "against" | "note";
  text: string;
  evidence: Evidence;
  seedRows: readonly SeedRow[];
}

/** A valid group count, what it costs and what speaks for and against it. */
export interface Candidate {
  groups: number;
  /** inChannels / groups. */
  channelsPerGroup: number;
  /** outChannels / groups. */
  outChannelsPerGroup: number;
  params: number;
  /** For one image; null when the output size was not given. */
  macs: number | null;
  /** Against the dense convolution: 0.25 is a quarter of its parameters. */
  paramsRatio: number;
  macsRatio: number;
  /** Which kernel the target would run; null without a target. */
  path: PathPrediction | null;
  /** Why the target computes something else, in one sentence; null where it comes out right, or without a target. */
  miscomputed: string | null;
  reasons: Reason[];
}

export interface CandidateContext {
  kernel: readonly number[];
  op: "Conv" | "ConvTranspose";
  size: number | readonly number[] | undefined;
  bias: boolean;
  policy: GroupChoice;
  target: Target | null;
  machine: Machine;
}

const CONV: Evidence = {
  level: "specification",
  source: "https://onnx.ai/onnx/operators/onnx__Conv.html (W has shape M x C/group x kH x kW)",
};

export function describeCandidate(
  channels: { inChannels: number; outChannels: number },
  groups: number,
  context: CandidateContext,
): Candidate {
  const { kernel, op, size, bias, target, machine } = context;
  const conv: ConvShape = { op, ...channels, groups, kernel };
  const cost = (groups: number): ConvCost =>
    convCost({ ...channels, groups, kernel, outSize: size ?? 1, bias });
  const [own, dense] = [cost(groups), cost(1)];
  const path = target?.predict(conv, machine) ?? null;
  return {
    groups,
    channelsPerGroup: channels.inChannels / groups,
    outChannelsPerGroup: channels.outChannels / groups,
    params: own.params,
    macs: size === undefined ? null : own.macs,
    paramsRatio: own.params / dense.params,
    macsRatio: own.macs / dense.macs,
    path,
    miscomputed: target?.miscomputation?.reasonFor(conv) ?? null,
    reasons: [
      ...reasonsOfGroups(conv),
      ...reasonsOfPolicy(groups, context.policy),
      ...(target && path ? reasonsOfTarget(conv, target, path, machine) : []),
    ],
  };
}

function reasonsOfGroups(conv: ConvShape): Reason[] {
  const { groups, inChannels, outChannels } = conv;
  if (groups === 1)
    return [
      {
        stance: "for",
        text: "dense: every output channel sees every input channel",
        evidence: CONV,
        seedRows: ["S2"],
      },
    ];

  const reasons: Reason[] = [
    {
      stance: "for",
      text: `1/${groups} of the weights and multiply-accumulates of the dense convolution`,
      evidence: CONV,
      seedRows: [],
    },
    {
      stance: "against",
      text: "channels of different groups do not meet here: a shuffle or a dense 1x1 must follow",
      evidence: {
        level: "published",
        source: "ShuffleNet, arXiv 1707.01083: 1.3 to 5.8 points worse without its shuffle",
      },
      seedRows: ["S1"],
    },
  ];
  if (groups > groupShareLimit(inChannels, outChannels))
    reasons.push({
      stance: "against",
      text: `more groups than ${MAX_GROUP_PERCENT} % of the ${Math.min(inChannels, outChannels)} channels`,
      evidence: {
        level: "heuristic",
        source:
          "seed text, section 6; depthwise networks (MobileNet, arXiv 1704.04861) exceed it and work",
      },
      seedRows: ["S21"],
    });
  const { in: i, out } = perGroup(conv);
  if (!isDepthwise(conv) && Math.min(i, out) < MIN_CHANNELS_PER_GROUP)
    reasons.push({
      stance: "against",
      text: `${perGroupText(conv)}: accuracy gains flatten below ${MIN_CHANNELS_PER_GROUP}`,
      evidence: { level: "published", source: "ResNeXt, arXiv 1611.05431 (keeps at least 4)" },
      seedRows: ["S2"],
    });
  return reasons;
}

function reasonsOfPolicy(groups: number, policy: GroupChoice): Reason[] {
  if (groups !== policy.groups) return [];
  const { reason: text, evidence, seedRows } = policy;
  return [{ stance: "for", text, evidence, seedRows }];
}

const STANCES = {
  fast: "for",
  depthwise: "for",
  slow: "against",
  unsupported: "against",
  unknown: "note",
} as const;

function reasonsOfTarget(
  conv: ConvShape,
  target: Target,
  path: PathPrediction,
  machine: Machine,
): Reason[] {
  const reasons: Reason[] = [
    {
      stance: STANCES[path.path],
      text: `${target.title}: ${path.path}, ${path.reason}`,
      evidence: path.evidence,
      seedRows: [],
    },
  ];
  const wrong = target.miscomputation?.reasonFor(conv);
  if (target.miscomputation && wrong)
    reasons.push({
      stance: "against",
      text: `${target.title} computes it wrong: ${wrong}`,
      evidence: target.miscomputation.evidence,
      seedRows: [],
    });
  const rule = target.channelsPerGroup(machine);
  if (rule && STANCES[path.path] === "note" && !satisfies(perGroup(conv), rule))
    reasons.push({
      stance: "against",
      text: `${target.title} likes ${ruleText(rule)}; here ${perGroupText(conv)}`,
      evidence: rule.evidence,
      seedRows: [],
    });
  for (const preference of target.preferences)
    if (!preference.holds(conv))
      reasons.push({
        stance: "against",
        text: `does not hold: ${preference.text}`,
        evidence: preference.evidence,
        seedRows: preference.seedRows,
      });
  return reasons;
}
