import {
  type Convolution,
  type FastPath,
  type Mixing,
  type RoleFact,
  type Survey,
  type SurveyOptions,
  survey,
} from "../analysis/index.js";
import type { Model } from "../graph/index.js";
import { sum } from "../util/math.js";
import { VERSION } from "../util/version.js";
import { audits } from "./all.js";
import { notes } from "./notes.js";
import type { Preset } from "./presets.js";
import type { ConvolutionRow, MixingSummary, Result } from "./result.js";
import { runAudit, type SeverityOverrides, sortFindings } from "./runner.js";

export interface AuditOptions extends SurveyOptions {
  /** How loud findings are; `recommended` when left out. */
  readonly preset?: Preset;
  /** Severity of single audits, by id; `off` silences one. */
  readonly severities?: SeverityOverrides;
  /** What to call the model in the result; its graph's name when left out. */
  readonly name?: string;
}

/**
 * Looks a model over and says what its groups do: every convolution with its channels, groups, costs and
 * where its groups mix, and every finding of every audit with its evidence. Reads no weight but for the
 * audit `hidden-groups`. A model that breaks rules gets findings, not exceptions.
 *
 * @throws UsageError when an option does not fit the model, such as an unknown input name.
 */
export async function audit(model: Model, options: AuditOptions = {}): Promise<Result> {
  const { preset = "recommended", severities = {} } = options;
  const surveyed = await survey(model, options);
  const outcomes = [];
  for (const one of audits) outcomes.push(await runAudit(one, surveyed, preset, severities));
  const findings = sortFindings(
    outcomes.flatMap((outcome) => outcome.findings),
    surveyed.convolutions,
  );
  const count = (severity: string) =>
    findings.filter((finding) => finding.severity === severity).length;
  const scene = await surveyed.get("scene");
  const target = await surveyed.get("target");
  const { blockSize, unconfirmed } = await surveyed.get("fastPaths");
  const convolutions = await convolutionRows(surveyed);
  return {
    schemaVersion: 1,
    tool: { name: "groupconv", version: VERSION },
    model: summarize(model, options.name, convolutions),
    preset,
    scene: { ...scene, source: options.task ? "given" : "inferred" },
    target: { name: target.target.id, blockSize },
    inputs: surveyed.inputs,
    shapes: { available: surveyed.shapes !== null, reason: surveyed.shapesMissing },
    convolutions,
    audits: outcomes.map((outcome) => outcome.row),
    findings,
    summary: { errors: count("error"), warnings: count("warning"), infos: count("info") },
    notes: notes(surveyed, unconfirmed, await surveyed.unmatchedRoles()),
  };
}

function summarize(
  model: Model,
  name: string | undefined,
  rows: readonly ConvolutionRow[],
): Result["model"] {
  const macs = rows.map((row) => row.macs);
  return {
    name: name ?? model.graph.name,
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(" ") || null,
    irVersion: model.irVersion,
    opset: model.opset,
    nodes: model.graph.nodes.length,
    params: sum(rows.map((row) => row.params)),
    macs: macs.every((count) => count !== null) ? sum(macs) : null,
  };
}

async function convolutionRows(surveyed: Survey): Promise<ConvolutionRow[]> {
  const mixing = await surveyed.get("mixing");
  const roles = await surveyed.get("roles");
  const { fastPaths } = await surveyed.get("fastPaths");
  return surveyed.convolutions.map((convolution) =>
    row(
      convolution,
      roles.get(convolution)!,
      fastPaths.get(convolution)!,
      mixing.get(convolution)!,
    ),
  );
}

function row(
  convolution: Convolution,
  role: RoleFact,
  fastPath: FastPath,
  mixing: Mixing,
): ConvolutionRow {
  const { name, op, inChannels, outChannels, kernel, strides, groups, channelsPerGroup } =
    convolution;
  const { kind, inShape, outShape, params, macs } = convolution;
  return {
    name,
    op,
    role: role.role,
    roleSource: role.source,
    depth: role.depth,
    inChannels,
    outChannels,
    kernel,
    strides,
    groups,
    channelsPerGroup,
    kind,
    inShape,
    outShape,
    params,
    macs,
    fastPath,
    mixing: mixingSummary(mixing),
  };
}

function mixingSummary({ status, mixedBy, separateParts }: Mixing): MixingSummary {
  return { status, mixedBy: mixedBy?.label ?? null, separateParts };
}
