import { isPowerOfTwo } from "../../util/math.js";
import type { Evidence } from "../evidence.js";
import {
  defineTarget,
  groupsAligned,
  isDepthwise,
  type Preference,
  paths,
  perGroup,
  perGroupText,
} from "./target.js";

const MPS_MULTIPLE = 4;
const MPS: Evidence = {
  level: "runtime",
  source:
    "https://developer.apple.com/documentation/metalperformanceshaders/mpscnnconvolutiondescriptor/groups",
};
const mps = paths(MPS);

export const appleMps = defineTarget({
  id: "apple-mps",
  title: "Apple Metal Performance Shaders (MPSCNNConvolution)",
  predict(conv) {
    if (conv.groups === 1) return mps.fast("dense");
    if (isDepthwise(conv))
      return mps.depthwise("1 channel per group: MPSCNNDepthWiseConvolutionDescriptor");
    return groupsAligned(conv, MPS_MULTIPLE)
      ? mps.unknown(`${perGroupText(conv)}: allowed, its speed is not documented: measure`)
      : mps.unsupported(`${perGroupText(conv)}: must be a multiple of ${MPS_MULTIPLE}`);
  },
  channelsPerGroup: () => ({ multipleOf: MPS_MULTIPLE, atLeast: MPS_MULTIPLE, evidence: MPS }),
});

const COREML: Evidence = {
  level: "heuristic",
  source: `no published rule for Core ML or the Neural Engine was found; the nearest is Metal's: ${MPS.source}`,
};
const apple = paths(COREML);

export const coreml = defineTarget({
  id: "coreml",
  title: "Core ML (CPU, GPU or Neural Engine, as it decides)",
  predict: ({ groups }) =>
    groups === 1
      ? apple.fast("dense")
      : apple.unknown("Core ML picks the device and documents no rule for groups: measure"),
  channelsPerGroup: () => ({ multipleOf: MPS_MULTIPLE, atLeast: MPS_MULTIPLE, evidence: COREML }),
});

const HTP_DEPTH = 32;
const HTP: Evidence = {
  level: "runtime",
  source:
    "https://docs.qualcomm.com/bundle/publicresource/80-63442-10/topics/htp_guidelines_channels.md " +
    "(more channels in a group, up to the hardware's 32)",
};
const htp = paths(HTP);

/** Unlike S12, the vendor's own advice for this device. */
const htpPowerOfTwo: Preference = {
  id: "htp-power-of-two",
  text: "groups is a power of two, the smallest after which doubling it gains no accuracy",
  holds: ({ groups }) => isPowerOfTwo(groups),
  evidence: HTP,
  seedRows: [],
};

export const qualcommHtp = defineTarget({
  id: "qualcomm-htp",
  title: "Qualcomm Hexagon tensor processor (QNN HTP)",
  predict(conv) {
    if (conv.groups === 1) return htp.fast("dense");
    if (isDepthwise(conv))
      return htp.unknown("1 channel per group: the guide says nothing of depthwise: measure");
    const { in: i, out } = perGroup(conv);
    return Math.min(i, out) >= HTP_DEPTH
      ? htp.fast(`${perGroupText(conv)}: fills the hardware's ${HTP_DEPTH}`)
      : htp.slow(`${perGroupText(conv)}: leaves part of the hardware's ${HTP_DEPTH} idle`);
  },
  channelsPerGroup: () => ({ multipleOf: HTP_DEPTH, atLeast: HTP_DEPTH, evidence: HTP }),
  preferences: [htpPowerOfTwo],
});

const web = paths({
  level: "specification",
  source: "https://www.w3.org/TR/webnn/#api-mlgraphbuilder-conv2d",
});

export const webnn = defineTarget({
  id: "webnn",
  title: "WebNN",
  predict: () =>
    web.unknown("the standard asks only that groups divides both channel counts: measure"),
});
