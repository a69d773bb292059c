import { type Candidate, describeCandidate } from "./candidate.js";
import { checkDepth, checkName } from "./checks.js";
import { choosePolicy } from "./choose-policy.js";
import { kernelAxes } from "./cost.js";
import { validGroups } from "./divisibility.js";
import { fitToTarget } from "./fit-to-target.js";
import { type GroupChoice, POLICY_NAMES, type PolicyName } from "./policies/policy.js";
import { ROLES, type Role, STAGES, type Stage, TASKS, type Task } from "./policies/scene.js";
import { findTarget } from "./targets/registry.js";
import type { Machine, TargetId } from "./targets/target.js";

export interface ChooseGroupsOptions {
  inChannels: number;
  outChannels: number;
  /** Defaults to `Conv`. */
  op?: "Conv" | "ConvTranspose";
  /** Size of the window, in pixels; one number means a square. Defaults to 3. */
  kernel?: number | readonly number[];
  /**
   * Size of the output (for ConvTranspose: of the input), in pixels; one number means a square.
   * Without it no multiply-accumulates are counted.
   */
  size?: number | readonly number[];
  /** Counts the bias among the parameters. Defaults to false. */
  bias?: boolean;
  /** What the network is for. */
  task?: Task;
  /** What the layer does in it. */
  role?: Role;
  /** How coarse the layer's resolution is. Defaults to what `depth` gives. */
  stage?: Stage;
  /** Where the layer sits: 0 is the first, 1 the last. */
  depth?: number;
  /** Heads of the attention that follows; the group count then matches them. */
  heads?: number;
  /**
   * What will run the network. A count it calls slow or unsupported is not recommended while a better
   * one is valid; only one group a head (`heads`) is kept where it is merely slow.
   */
  target?: TargetId;
  /** What is known of the machine that will. */
  machine?: Machine;
  /**
   * Defaults to `attention-heads` with `heads`, `scene` with `task`, the scene or the template of the
   * `role`, `progressive` with `stage` or `depth`, and `channels-per-group` with none of them.
   */
  policy?: PolicyName;
  /** For the policy `smart`: one group when the output has at least twice the input's channels. Defaults to false. */
  expansionGuard?: boolean;
}

export interface GroupAdvice {
  recommended: Candidate;
  /** Every valid group count, ascending; the first is dense. */
  candidates: Candidate[];
  /** What the policy alone says, before the target is asked. */
  policy: GroupChoice;
  /** Why the recommended count, in words. */
  explanation: string;
  /** What else to know before following it. */
  notes: string[];
}

/**
 * Recommends a group count for one convolution and lists every valid one with its cost and the
 * reasons for and against it. Dense (groups=1) is always among them.
 *
 * @throws ShapeError if the channel counts are not positive whole numbers.
 * @throws UsageError for an option that is out of range, unknown, or missing for the policy.
 */
export function chooseGroups(options: ChooseGroupsOptions): GroupAdvice {
  checkOptions(options);
  const { inChannels, outChannels, op = "Conv", kernel = 3, size, bias = false } = options;
  const { machine = {} } = options;
  const target = options.target === undefined ? null : findTarget(options.target);
  const rule = target?.channelsPerGroup(machine) ?? null;
  const policy = choosePolicy(options, rule?.atLeast ?? 1);

  const context = { kernel: kernelAxes(kernel), op, size, bias, policy, target, machine };
  const candidates = validGroups(inChannels, outChannels).map((groups) =>
    describeCandidate({ inChannels, outChannels }, groups, context),
  );
  const wanted = candidates.find(({ groups }) => groups === policy.groups)!;
  if (target === null)
    return { recommended: wanted, candidates, policy, explanation: policy.reason, notes: [] };

  const pinned = policy.policy === "attention-heads";
  const fit = fitToTarget(wanted, candidates, { target, rule, pinned });
  const explanation = fit.change === null ? policy.reason : `${policy.reason}; ${fit.change}`;
  return { recommended: fit.recommended, candidates, policy, explanation, notes: fit.notes };
}

function checkOptions({ task, role, stage, depth, policy }: ChooseGroupsOptions): void {
  if (task !== undefined) checkName("task", task, TASKS);
  if (role !== undefined) checkName("role", role, ROLES);
  if (stage !== undefined) checkName("stage", stage, STAGES);
  if (policy !== undefined) checkName("policy", policy, POLICY_NAMES);
  if (depth !== undefined) checkDepth(depth);
}
