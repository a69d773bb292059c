import { checkWhole } from "../checks.js";
import { largestValidGroups } from "../divisibility.js";
import type { Evidence } from "../evidence.js";
import { DEFAULT_CHANNELS_PER_GROUP } from "../thresholds.js";
import type { Channels, GroupChoice } from "./policy.js";

export interface ChannelsPerGroupOptions extends Channels {
  /** Channels each group should have on its narrower side. Defaults to 16. */
  channelsPerGroup?: number;
}

const EVIDENCE: Evidence = {
  level: "published",
  source:
    "ResNeXt keeps at least 4 channels per group (arXiv 1611.05431); RegNet searches it instead of the group count, " +
    "and finds more than 1 best (arXiv 2003.13678); on an IPU EfficientNet gains by moving from 1 to 16 (arXiv 2106.03640)",
};

/**
 * The evidence-based policy: decide the channels per group and let the number of groups follow. Takes
 * the most groups that leave every group at least `channelsPerGroup` channels in and out.
 *
 * @throws UsageError if `channelsPerGroup` is not a whole number of at least 1.
 */
export function groupsByChannelsPerGroup(options: ChannelsPerGroupOptions): GroupChoice {
  const { inChannels, outChannels, channelsPerGroup = DEFAULT_CHANNELS_PER_GROUP } = options;
  checkWhole("channelsPerGroup", channelsPerGroup, 1);
  const limit = Math.floor(Math.min(inChannels, outChannels) / channelsPerGroup);
  const groups = largestValidGroups(inChannels, outChannels, limit);
  return {
    policy: "channels-per-group",
    groups,
    reason:
      groups > 1
        ? `the most groups that keep at least ${channelsPerGroup} channels in each`
        : `no split keeps ${channelsPerGroup} channels in each group, so all channels stay together`,
    evidence: EVIDENCE,
    seedRows: [],
  };
}
