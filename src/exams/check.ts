import type { Evidence, EvidenceLevel, SeedRow } from "../groups/index.js";
import { type Datum, fillHoles, type Holes } from "../util/template.js";

export type Severity = "error" | "warning" | "info";

/** One thing a check can say. */
export interface CheckMessage {
  /** With holes in braces, filled from the finding's data. One literal, so that the holes can be checked. */
  readonly text: string;
  readonly advice: string;
  readonly severity: Severity;
  /** `measured` for a number of this run; how sound its reading is belongs into `source`. */
  readonly evidence: Evidence;
}

type Messages = Readonly<Record<string, CheckMessage>>;

/** The layer a finding is about, as every section of a report has it. */
export interface ExaminedLayer {
  readonly name: string;
  readonly groups: number;
  readonly channelsPerGroup: number;
}

export type CheckDraft<M extends Messages> = {
  readonly [Id in keyof M & string]: {
    readonly message: Id;
    readonly layer: ExaminedLayer;
    readonly data: Readonly<Record<Holes<M[Id]["text"]> | Holes<M[Id]["advice"]>, Datum>>;
    readonly suggestedGroups?: number | null;
  };
}[keyof M & string];

/** One reading of an exam's numbers: its section in, findings out. Its id is the name of its file and page. */
export interface Check<Section, M extends Messages = Messages> {
  /** The failing state, as a noun. */
  readonly id: string;
  /** What is true when nothing is found. */
  readonly title: string;
  readonly failureTitle: string;
  /** Why it matters, in one sentence. */
  readonly why: string;
  readonly seedRows: readonly SeedRow[];
  readonly messages: M;
  /** A sentence when it has nothing to say about this section; null when it applies. */
  notApplicable?(section: Section): string | null;
  check(section: Section): Iterable<CheckDraft<M>>;
}

/** A check whose messages are not known to the compiler: what {@link runCheck} handles. */
export interface AnyCheck<Section> extends Omit<Check<Section>, "check"> {
  check(section: Section): Iterable<{
    readonly message: string;
    readonly layer: ExaminedLayer;
    readonly data: Readonly<Record<string, Datum>>;
    readonly suggestedGroups?: number | null;
  }>;
}

/** As an audit's row in a result. */
export interface CheckRow {
  readonly exam: string;
  readonly id: string;
  readonly title: string;
  readonly failureTitle: string;
  readonly why: string;
  readonly status: "passed" | "failed" | "not-applicable";
  readonly reason: string | null;
  readonly seedRows: readonly string[];
  readonly findings: number;
}

/** As an audit's finding in a result, with numbers of the exam in it. */
export interface ExamFinding {
  readonly exam: string;
  /** Id of the check: also its page, `docs/exams/<id>.md`. */
  readonly check: string;
  readonly severity: Severity;
  /** The layer it is about. */
  readonly node: string;
  readonly messageId: string;
  readonly message: string;
  readonly advice: string;
  /** The numbers of the message. */
  readonly data: Readonly<Record<string, Datum>>;
  readonly groups: number;
  readonly channelsPerGroup: number;
  readonly suggestedGroups: number | null;
  readonly evidence: { readonly level: EvidenceLevel; readonly source: string };
  readonly seedRows: readonly string[];
}

export interface CheckOutcome {
  readonly row: CheckRow;
  readonly findings: readonly ExamFinding[];
}

/** Types a check against its own messages: a missing hole or a misspelt message does not compile. */
export function defineCheck<Section>() {
  return <const M extends Messages>(check: Check<Section, M>): Check<Section, M> => check;
}

export function runCheck<Section>(
  exam: string,
  check: AnyCheck<Section>,
  section: Section,
): CheckOutcome {
  const { id, title, failureTitle, why, seedRows } = check;
  const reason = check.notApplicable?.(section) ?? null;
  const findings = reason === null ? [...check.check(section)] : [];
  const status =
    reason !== null ? "not-applicable" : findings.length > 0 ? "failed" : ("passed" as const);
  return {
    row: {
      exam,
      id,
      title,
      failureTitle,
      why,
      status,
      reason,
      seedRows,
      findings: findings.length,
    },
    findings: findings.map(({ message: messageId, layer, data, suggestedGroups = null }) => {
      const { text, advice, severity, evidence } = check.messages[messageId];
      return {
        exam,
        check: id,
        severity,
        node: layer.name,
        messageId,
        message: fillHoles(text, data),
        advice: fillHoles(advice, data),
        data,
        groups: layer.groups,
        channelsPerGroup: layer.channelsPerGroup,
        suggestedGroups,
        evidence,
        seedRows,
      };
    }),
  };
}
