import type {
  Log,
  LogicalLocation,
  Notification,
  PhysicalLocation,
  PropertyBag,
  ReportingDescriptor,
  Result as SarifResult,
} from "sarif";
import type { AuditRow, Finding, Result, Severity } from "../audits/result.js";
import { printable } from "../util/text.js";
import { auditPage, auditUrl } from "./audit-url.js";
import { auditsWith, groupFindings } from "./digest.js";
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
  return `${JSON.stringify(sarifLog(result, options), null, 2)}\n`;
}

function sarifLog(result: Result, options: SarifOptions): Log {
  const { tool, model, findings, audits } = result;
  const nodes = [...new Set(findings.flatMap(({ node, related }) => [node, ...related]))];
  const ids = fingerprints(findings);
  const context: Context = {
    uri: uriReference(options.modelPath ?? model.name),
    rules: new Map(audits.map(({ id }, i) => [id, i])),
    nodes: new Map(nodes.map((node, i) => [node, i + 1])), // 0 is the model
  };
  return {
    $schema: SCHEMA,
    version: "2.1.0",
    runs: [
      {
        tool: {
          driver: {
            name: tool.name,
            version: tool.version,
            rules: rules(result, options),
          },
        },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: auditsWith(result, "crashed").map((audit) =>
              crash(audit, context),
            ),
          },
        ],
        artifacts: [{ location: { uri: context.uri }, roles: ["analysisTarget"] }],
        logicalLocations: [
          { name: printable(model.name), kind: "module" },
          ...nodes.map(logicalLocation),
        ],
        results: findings.map((finding, i) => sarifResult(finding, ids[i], context)),
        columnKind: "utf16CodeUnits",
        properties: {
          preset: result.preset,
          scene: result.scene,
          target: result.target,
          inputs: result.inputs,
          notes: result.notes,
        },
      },
    ],
  };
}

interface Context {
  readonly uri: string;
  readonly rules: ReadonlyMap<string, number>;
  readonly nodes: ReadonlyMap<string, number>;
}

function rules(result: Result, { docsUrl }: SarifOptions): ReportingDescriptor[] {
  const groups = new Map(groupFindings(result).map((group) => [group.audit, group]));
  return result.audits.map(({ id, failureTitle, why, status, reason, seedRows }) => {
    const found = groups.get(id);
    const page = auditPage(id);
    return {
      id,
      shortDescription: message(failureTitle),
      fullDescription: message(`${sentence(failureTitle)} ${sentence(why)}`),
      help: message(`${sentence(why)} More in ${page}.`),
      ...(docsUrl === undefined ? {} : { helpUri: auditUrl(id, docsUrl) }),
      ...(found === undefined ? {} : { defaultConfiguration: { level: LEVELS[found.severity] } }),
      properties: {
        status,
        reason,
        page,
        requirements: seedRows,
        evidence: [...new Set(found?.findings.map(({ evidence }) => evidence.level))],
      },
    };
  });
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

function crash({ id, reason }: AuditRow, { rules }: Context): Notification {
  return {
    level: "error",
    message: message(`The audit ${id} crashed: ${reason ?? "no reason given"}`),
    associatedRule: { id, index: rules.get(id)! },
  };
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
