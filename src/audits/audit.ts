import type { Convolution, FactName, Facts } from "../analysis/index.js";
import type { Evidence, SeedRow } from "../groups/index.js";
import type { Datum, Holes } from "../util/template.js";
import type { Severity } from "./result.js";

/** One thing an audit can say. */
export interface Message {
  /** With holes in braces, filled from the finding's data. One literal, so that the holes can be checked. */
  readonly text: string;
  /** What to do about it; holes as in `text`. */
  readonly advice: string;
  /** How well this very message is supported; it decides the severity under `recommended`. */
  readonly evidence: Evidence;
  /** Severity under `golden-rules`: what the seed would call it. Absent: as under `recommended`. */
  readonly golden?: Severity;
  /** Caps the severity where the evidence is strong and the harm is small. */
  readonly atMost?: Severity;
}

type Messages = Readonly<Record<string, Message>>;

/** A finding as an audit yields it; `groups` and the like are added by the runner. */
export type Draft<M extends Messages> = {
  readonly [Id in keyof M & string]: {
    readonly message: Id;
    readonly convolution: Convolution;
    /** Names of other layers the message is about. */
    readonly related?: readonly string[];
    readonly data: Readonly<Record<Holes<M[Id]["text"]> | Holes<M[Id]["advice"]>, Datum>>;
    /** The nearest valid or better setting. */
    readonly suggestedGroups?: number | null;
  };
}[keyof M & string];

/** One rule about groups: facts in, findings out. Its id is the name of its file, test and page. */
export interface Audit<Needs extends FactName = FactName, M extends Messages = Messages> {
  /** The failing state, as a noun. */
  readonly id: string;
  /** What is true when nothing is found. */
  readonly title: string;
  readonly failureTitle: string;
  /** Why it matters, in one sentence; how to mend it is in the messages. */
  readonly why: string;
  readonly seedRows: readonly SeedRow[];
  /** Facts it reads, and no others. */
  readonly needs: readonly Needs[];
  readonly messages: M;
  /** A sentence when the audit has nothing to say about this model; null when it applies. */
  notApplicable?(facts: Pick<Facts, Needs>): string | null;
  check(facts: Pick<Facts, Needs>): Iterable<Draft<M>>;
}

/** A draft of no particular audit. */
export interface AnyDraft {
  readonly message: string;
  readonly convolution: Convolution;
  readonly related?: readonly string[];
  readonly data: Readonly<Record<string, Datum>>;
  readonly suggestedGroups?: number | null;
}

/**
 * An audit whose own messages and facts are not known to the compiler: what the runner handles. `never`
 * as the parameter of its functions makes every audit fit; the runner hands over what `needs` names.
 */
export interface AnyAudit extends Omit<Audit, "notApplicable" | "check"> {
  notApplicable?(facts: never): string | null;
  check(facts: never): Iterable<AnyDraft>;
}

/** Types an audit against its own messages: a missing hole or a misspelt message does not compile. */
export function defineAudit<const Needs extends FactName, const M extends Messages>(
  audit: Audit<Needs, M>,
): Audit<Needs, M> {
  return audit;
}
