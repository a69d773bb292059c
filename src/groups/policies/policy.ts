import type { Evidence, SeedRow } from "../evidence.js";

export const POLICY_NAMES = [
  "ordinary",
  "lightweight",
  "attention-heads",
  "smart",
  "scene",
  "progressive",
  "template",
  "channels-per-group",
] as const;

export type PolicyName = (typeof POLICY_NAMES)[number];

/** Channels of the convolution a policy decides about. */
export interface Channels {
  inChannels: number;
  outChannels: number;
}

/** What a policy decided: always a valid group count for the channels it was asked about. */
export interface GroupChoice {
  policy: PolicyName;
  groups: number;
  /** One sentence. */
  reason: string;
  evidence: Evidence;
  /** The requirement rows the policy answers to. */
  seedRows: readonly SeedRow[];
}
