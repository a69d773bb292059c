import type { Candidate } from "./candidate.js";
import { type ChannelsPerGroupRule, ruleText, satisfies, type Target } from "./targets/target.js";

export interface FitOptions {
  target: Target;
  /** What the target likes; null where nothing is known. */
  rule: ChannelsPerGroupRule | null;
  /** The caller asked for exactly this count: keep it wherever it runs at all. */
  pinned: boolean;
}

export interface TargetFit {
  recommended: Candidate;
  /** Why it is not the wanted count; null when it is. */
  change: string | null;
  notes: string[];
}

/**
 * Moves from the count a policy wants to the nearest one the target runs well: fewer groups first,
 * since those also mix more, then more. Depthwise is never a stand-in for a grouped convolution.
 */
export function fitToTarget(
  wanted: Candidate,
  candidates: readonly Candidate[],
  { target, rule, pinned }: FitOptions,
): TargetFit {
  if (pinned && wanted.path?.path !== "unsupported")
    return { recommended: wanted, change: null, notes: notesOn(wanted, wanted, target) };

  const fewer = candidates.filter((c) => c.groups < wanted.groups).reverse();
  const more = candidates.filter((c) => c.groups > wanted.groups && !isolates(c));
  const inOrder = [wanted, ...fewer, ...more];
  const recommended =
    inOrder.find((c) => runs(c) && suits(c, rule)) ?? inOrder.find((c) => runs(c)) ?? wanted;
  if (recommended === wanted)
    return { recommended, change: null, notes: notesOn(recommended, wanted, target) };

  return {
    recommended,
    change: `${causeOfChange(wanted, target, rule)}, so groups=${recommended.groups}`,
    notes: notesOn(recommended, wanted, target),
  };
}

function causeOfChange(wanted: Candidate, { title }: Target, rule: FitOptions["rule"]): string {
  const { groups, path, miscomputed } = wanted;
  if (miscomputed !== null) return `${title} computes groups=${groups} wrong (${miscomputed})`;
  if (!runs(wanted)) return `${title} calls groups=${groups} ${path!.path} (${path!.reason})`;
  return `${title} likes ${ruleText(rule!)}`;
}

/** Depthwise: one channel in, one out. */
function isolates({ channelsPerGroup, outChannelsPerGroup }: Candidate): boolean {
  return channelsPerGroup === 1 && outChannelsPerGroup === 1;
}

function runs({ path, miscomputed }: Candidate): boolean {
  return path?.path !== "slow" && path?.path !== "unsupported" && miscomputed === null;
}

function suits(candidate: Candidate, rule: ChannelsPerGroupRule | null): boolean {
  if (candidate.groups === 1 || candidate.path?.path === "depthwise" || rule === null) return true;
  return satisfies({ in: candidate.channelsPerGroup, out: candidate.outChannelsPerGroup }, rule);
}

function notesOn(recommended: Candidate, wanted: Candidate, target: Target): string[] {
  const notes: string[] = [];
  const { groups, path, miscomputed } = recommended;
  const { title, miscomputation } = target;
  if (miscomputation && miscomputed !== null)
    notes.push(
      `${title} computes groups=${groups} wrong: ${miscomputed}; take another count, or ${miscomputation.remedy}`,
    );
  if (path?.path === "unknown")
    notes.push(`nothing documented says how fast ${title} runs groups=${groups}: measure it`);
  if (path?.path === "slow") notes.push(`${title} calls groups=${groups} slow: ${path.reason}`);
  const isTradeOff = wanted.path?.path !== "unsupported" && wanted.miscomputed === null;
  if (groups === 1 && wanted.groups > 1 && isTradeOff)
    notes.push(
      `groups=${wanted.groups} would do 1/${wanted.groups} of the work on another path: measure it before ruling it out`,
    );
  return notes;
}
