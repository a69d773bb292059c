import { buildCommand } from "@stricli/core";
import {
  type ChooseGroupsOptions,
  chooseGroups,
  POLICY_NAMES,
  type PolicyName,
  ROLES,
  type Role,
  STAGES,
  type Stage,
  TARGET_IDS,
  TASKS,
  type TargetId,
  type Task,
} from "../../groups/index.js";
import { probeBlockSize } from "../../runtime/index.js";
import { readOptimisedGraph } from "../../runtime/optimised-graph.node.js";
import { renderAdvice } from "../advice-text.js";
import { type CliContext, terminalWidth, wantsColors } from "../context.js";
import { oneOf, parseCount, parseSizes } from "../parsers.js";

interface AdviseFlags {
  readonly in: number;
  readonly out: number;
  readonly task?: Task;
  readonly role?: Role;
  readonly stage?: Stage;
  readonly target?: TargetId;
  readonly heads?: number;
  readonly kernel?: number | number[];
  readonly size?: number | number[];
  readonly policy?: PolicyName;
  readonly expansionGuard?: boolean;
  readonly json?: boolean;
}

async function run(this: CliContext, flags: AdviseFlags): Promise<void> {
  const { json = false, in: inChannels, out: outChannels, ...rest } = flags;
  const blockSize = rest.target === "ort-cpu" ? await probeBlockSize(readOptimisedGraph) : null;
  const options: ChooseGroupsOptions = {
    ...rest,
    inChannels,
    outChannels,
    machine: blockSize === null ? {} : { blockSize },
  };
  const advice = chooseGroups(options);
  this.process.stdout.write(
    json
      ? `${JSON.stringify({ schemaVersion: 1, ...options, ...advice }, null, 2)}\n`
      : renderAdvice(options, advice, { colors: wantsColors(this), width: terminalWidth(this) }),
  );
}

const optional = { optional: true } as const;

export const adviseCommand = buildCommand<AdviseFlags, [], CliContext>({
  func: run,
  parameters: {
    flags: {
      in: { kind: "parsed", parse: parseCount, brief: "Input channels", placeholder: "C" },
      out: { kind: "parsed", parse: parseCount, brief: "Output channels", placeholder: "M" },
      task: {
        kind: "parsed",
        parse: oneOf(TASKS),
        brief: `What the network is for: ${TASKS.join(", ")}`,
        placeholder: "task",
        ...optional,
      },
      role: {
        kind: "parsed",
        parse: oneOf(ROLES),
        brief: `What the layer does: ${ROLES.join(", ")}`,
        placeholder: "role",
        ...optional,
      },
      stage: {
        kind: "parsed",
        parse: oneOf(STAGES),
        brief: `How deep it sits: ${STAGES.join(", ")}`,
        placeholder: "stage",
        ...optional,
      },
      target: {
        kind: "parsed",
        parse: oneOf(TARGET_IDS),
        brief: "Runtime and hardware, such as ort-cpu or tensorrt-int8",
        placeholder: "target",
        ...optional,
      },
      heads: {
        kind: "parsed",
        parse: parseCount,
        brief: "Heads of the attention that follows",
        placeholder: "n",
        ...optional,
      },
      kernel: {
        kind: "parsed",
        parse: parseSizes,
        brief: "Size of the window, in pixels. Defaults to 3",
        placeholder: "k",
        ...optional,
      },
      size: {
        kind: "parsed",
        parse: parseSizes,
        brief: "Size of the output, in pixels, for the multiply-accumulates",
        placeholder: "h,w",
        ...optional,
      },
      policy: {
        kind: "parsed",
        parse: oneOf(POLICY_NAMES),
        brief: `Rule to choose by: ${POLICY_NAMES.join(", ")}`,
        placeholder: "policy",
        ...optional,
      },
      expansionGuard: {
        kind: "boolean",
        brief: "For the policy smart: dense when the output has twice the channels",
        withNegated: false,
        ...optional,
      },
      json: { kind: "boolean", brief: "Print JSON", withNegated: false, ...optional },
    },
    positional: { kind: "tuple", parameters: [] },
  },
  docs: {
    brief: "Recommend a group count for one convolution, with every valid alternative",
    fullDescription: [
      "Recommend a group count for one convolution, with every valid alternative.",
      "",
      "Examples:",
      "  groupconv advise --in 128 --out 256",
      "  groupconv advise --in 128 --out 256 --task classification --stage middle --target ort-cpu --size 28",
      "  groupconv advise --in 256 --out 256 --heads 8 --json",
    ].join("\n"),
  },
});
