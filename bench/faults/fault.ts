import type { SurveyOptions } from "../../src/analysis/index.js";
import type { Copy } from "./copy.js";
import type { Patient } from "./patient.js";

/** A way to spoil a network that one audit is there to find. */
export interface Fault {
  /** Id of that audit. */
  readonly audit: string;
  /** What is done, in words. */
  readonly name: string;
  /** What the audit has to be told to look for it, such as a target. */
  readonly options?: SurveyOptions;
  /**
   * Other audits that find the very same layers by their own definition, each with the reason. Nothing
   * else they say of a spoilt network counts as a consequence.
   */
  readonly entails?: Readonly<Record<string, string>>;
  sites(patient: Patient): readonly Site[];
}

/** A place in a network where a fault can be planted. */
export interface Site {
  /** Name of the layer or node. */
  readonly at: string;
  /** Plants the fault; gives the layers it is a fault of, of which a finding has to name one. */
  plant(copy: Copy): readonly string[];
}
