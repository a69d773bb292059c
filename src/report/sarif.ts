import type {
  Log,
  LogicalLocation,
  PhysicalLocation,
  PropertyBag,
  ReportingDescriptor,
  Result as SarifResult,
} from "sarif";
import type { AuditRow, Finding, Result, Severity } from "../audits/result.js";
import { printable } from "../util/text.js";
import { auditPage, auditUrl } from "./audit-url.js";
import { auditsWith, bySeverity } from "./digest.js";
import { fingerprints } from "./fingerprint.js";

export interface SarifOptions {
  /** Path of the model file below the repository's root, for tools that show findings beside files. Defaults to the model's name. */
  modelPath?: string;
  /** Address of the folder of audit pages, `https://...`; SARIF allows no relative one. Defaults to none. */
  docsUrl?: string;
}

const SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json";
const LONGEST_TEXT = 2000;

const LEVELS = { error: "error", warning: "warning", info: "note" } as const satisfies Record<
  Severity,
  SarifResult.level
>;

/**
 * The result as a SARIF 2.1.0 log (OASIS), indented by two spaces, ending in a newline. A rule is an
 * audit, a result a finding, a logical location a layer.
 */
export function renderSarif(result: Result, options: SarifOptions = {}): string {
  return writeSarif(sarifSource(result, options), options);
}

/** What a log is made of. */
export interface SarifSource {
  readonly tool: Result["tool"];
  /** Name of the model. */
  readonly model: string;
  readonly rules: readonly SarifRule[];
  /** Each of a rule, whose id stands in `audit`. */
  readonly findings: readonly Finding[];
  /** What could not be asked, in sentences. */
  readonly failures: readonly { readonly text: string; readonly rule?: string }[];
  readonly properties: PropertyBag;
}

export interface SarifRule
  extends Pick<AuditRow, "id" | "failureTitle" | "why" | "status" | "reason" | "seedRows"> {
  /** Where its page lies in the package. */
  readonly page: string;
  /** Its absolute address, where that is known. */
  readonly url?: string;
}

export function sarifSource(result: Result, { docsUrl }: SarifOptions): SarifSource {
  const { tool, model, audits, findings } = result;
  return {
    tool,
    model: model.name,
    rules: audits.map((audit) => ({
      ...audit,
      page: auditPage(audit.id),
      ...(docsUrl === undefined ? {} : { url: auditUrl(audit.id, docsUrl) }),
    })),
    findings,
    failures: auditsWith(result, "crashed").map(({ id, reason }) => ({
      text: `The audit ${id} crashed: ${reason ?? "no reason given"}`,
      rule: id,
    })),
    properties: {
      preset: result.preset,
      scene: result.scene,
      target: result.target,
      inputs: result.inputs,
      notes: result.notes,
    },
  };
}

export function writeSarif(
  source: SarifSource,
  { modelPath = source.model }: SarifOptions,
): string {
  const { tool, model, rules, findings, failures } = source;
  const nodes = [...new Set(findings.flatMap(({ node, related }) => [node, ...related]))];
  const ids = fingerprints(findings);
  const context: Context = {
    uri: uriReference(modelPath),
    rules: new Map(rules.map(({ id }, i) => [id, i])),
    nodes: new Map(nodes.map((node, i) => [node, i + 1])), // 0 is the model
  };
  const log: Log = {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: tool.name,
            version: tool.version,
            rules: rules.map((rule) => describeRule(rule, findings)),
          },
        },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: failures.map(({ text, rule }) => ({
              level: "error",
              message: message(text),
              ...(rule === undefined
                ? {}
                : { associatedRule: { id: rule, index: context.rules.get(rule)! } }),
            })),
          },
        ],
        artifacts: [{ location: { uri: context.uri }, roles: ["analysisTarget"] }],
        logicalLocations: [
          { name: printable(model), kind: "module" },
          ...nodes.map(logicalLocation),
        ],
        results: findings.map((finding, i) => sarifResult(finding, ids[i], context)),
        columnKind: "utf16CodeUnits",
        properties: source.properties,
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

interface Context {
  readonly uri: string;
  readonly rules: ReadonlyMap<string, number>;
  readonly nodes: ReadonlyMap<string, number>;
}

function describeRule(rule: SarifRule, findings: readonly Finding[]): ReportingDescriptor {
  const { id, failureTitle, why, status, reason, seedRows, page, url } = rule;
  const found = findings.filter(({ audit }) => audit === id).sort(bySeverity);
  return {
    id,
    shortDescription: message(failureTitle),
    fullDescription: message(`${sentence(failureTitle)} ${sentence(why)}`),
    help: message(`${sentence(why)} More in ${page}.`),
    ...(url === undefined ? {} : { helpUri: url }),
    ...(found.length === 0 ? {} : { defaultConfiguration: { level: LEVELS[found[0].severity] } }),
    properties: {
      status,
      reason,
      page,
      requirements: seedRows,
      evidence: [...new Set(found.map(({ evidence }) => evidence.level))],
    },
  };
}

function sarifResult(finding: Finding, fingerprint: string, context: Context): SarifResult {
  const { audit, severity, node, related, evidence } = finding;
  const ruleIndex = context.rules.get(audit);
  const properties: PropertyBag = {
    advice: finding.advice,
    groups: finding.groups,
    channelsPerGroup: finding.channelsPerGroup,
    suggestedGroups: finding.suggestedGroups,
    evidence,
    requirements: finding.seedRows,
    messageId: finding.messageId,
    data: finding.data,
  };
  return {
    ruleId: audit,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: LEVELS[severity],
    message: message(`${node}: ${sentence(finding.message)} ${sentence(finding.advice)}`),
    locations: [
      { physicalLocation: physicalLocation(context), logicalLocations: [layer(node, context)] },
    ],
    relatedLocations: related.map((name, id) => ({
      id,
      physicalLocation: physicalLocation(context),
      logicalLocations: [layer(name, context)],
    })),
    partialFingerprints: {
      "groupconvFinding/v1": fingerprint,
      // The one name that GitHub's code scanning reads; it cannot hash a line of a binary file itself.
      primaryLocationLineHash: fingerprint,
    },
    properties,
  };
}

/** GitHub's code scanning refuses a result without a line, in a binary file too. */
function physicalLocation({ uri }: Context): PhysicalLocation {
  return { artifactLocation: { uri, index: 0 }, region: { startLine: 1 } };
}

/** A layer in the run's list; what refers to it repeats its name and gives its index. */
function logicalLocation(node: string): LogicalLocation {
  const shown = printable(node);
  return {
    name: shown,
    fullyQualifiedName: shown,
    ...(shown === node ? {} : { decoratedName: node }),
    kind: "function",
    parentIndex: 0,
  };
}

function layer(node: string, { nodes }: Context): LogicalLocation {
  return { fullyQualifiedName: printable(node), index: nodes.get(node)! };
}

/**
 * Plain text as a SARIF message, where `{` begins a placeholder (§3.11.5) and `[...](` a link
 * (§3.11.6) unless they are escaped.
 */
function message(text: string): { text: string } {
  const shown = printable(text, LONGEST_TEXT);
  return { text: shown.replace(/[{}]/g, (brace) => brace + brace).replace(/\](?=\()/g, "\\]") };
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** A relative URI of a path, each part escaped. */
function uriReference(path: string): string {
  return path
    .split(/[\\/]/)
    .map((part) => encodeURIComponent(printable(part)))
    .join("/");
}
