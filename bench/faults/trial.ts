import type { SurveyOptions } from "../../src/analysis/index.js";
import type { Finding } from "../../src/audits/index.js";
import { Rng } from "../../src/tensor/index.js";
import { Copy } from "./copy.js";
import { type Examination, examine } from "./examine.js";
import type { Fault, Site } from "./fault.js";
import type { Patient } from "./patient.js";

/** What a loud finding on a spoilt network is. */
export type Verdict =
  /** The fault that was planted. */
  | "planted"
  /** Another audit's word for the planted layer, as the fault said beforehand. */
  | "consequence"
  /** The same message was said of the same layers of the untouched network. */
  | "there before"
  /** None of these. */
  | "other";

/** One fault planted at one site, and what was said of it. */
export interface Trial {
  readonly patient: string;
  readonly fault: Fault;
  readonly at: string;
  /** Found under `golden-rules`; under `recommended`, with the loudest severity. */
  readonly found: boolean;
  readonly recommended: Finding["severity"] | null;
  /** Errors and warnings under `recommended`. */
  readonly loud: readonly { readonly finding: Finding; readonly verdict: Verdict }[];
}

/** Untouched networks, examined once for each set of options. */
export class Controls {
  readonly #known = new Map<string, Promise<Examination>>();

  of(patient: Patient, options: SurveyOptions = {}): Promise<Examination> {
    const key = JSON.stringify([patient.name, options]);
    let known = this.#known.get(key);
    if (!known) {
      known = patient.remake().then((model) => examine(model, options));
      this.#known.set(key, known);
    }
    return known;
  }
}

/** Plants one fault in a fresh copy and looks whether it is found. */
export async function tryFault(
  patient: Patient,
  fault: Fault,
  site: Site,
  seed: number,
  controls: Controls,
): Promise<Trial> {
  const rng = new Rng(seed).fork([patient.name, fault.name, site.at].join());
  const model = await patient.remake();
  const layers = site.plant(new Copy(patient, model, rng));
  const before = await controls.of(patient, fault.options);
  const after = await examine(model, fault.options);

  const isPlanted = (finding: Finding) => finding.audit === fault.audit && names(finding, layers);
  const isNew = (preset: keyof Examination) => {
    const said = new Set(before[preset].flatMap((finding) => claims(finding, layers)));
    return (finding: Finding) => claims(finding, layers).some((claim) => !said.has(claim));
  };
  const [isNewSoft, isNewStrict] = [isNew("recommended"), isNew("golden-rules")];
  const verdictOf = (finding: Finding): Verdict => {
    if (isPlanted(finding)) return "planted";
    if (fault.entails?.[finding.audit] && names(finding, layers)) return "consequence";
    return before.recommended.some((other) => isPartOf(finding, other)) ? "there before" : "other";
  };
  return {
    patient: patient.name,
    fault,
    at: site.at,
    found: after["golden-rules"].some((finding) => isPlanted(finding) && isNewStrict(finding)),
    recommended: loudest(
      after.recommended.filter((finding) => isPlanted(finding) && isNewSoft(finding)),
    ),
    loud: after.recommended
      .filter(isLoud)
      .map((finding) => ({ finding, verdict: verdictOf(finding) })),
  };
}

/** Is it an error or a warning? */
export function isLoud({ severity }: Finding): boolean {
  return severity !== "info";
}

/** Does a finding say of some layers what another said of the same ones, or of more? */
function isPartOf(finding: Finding, other: Finding): boolean {
  const { audit, messageId, node } = other;
  if (finding.audit !== audit || finding.messageId !== messageId) return false;
  return (
    finding.node === node || layersOf(finding).every((layer) => layersOf(other).includes(layer))
  );
}

function layersOf({ node, related }: Finding): string[] {
  return [node, ...related];
}

function names(finding: Finding, layers: readonly string[]): boolean {
  return layersOf(finding).some((layer) => layers.includes(layer));
}

/** What a finding says of which of these layers. */
function claims(finding: Finding, layers: readonly string[]): string[] {
  const { audit, messageId } = finding;
  return layersOf(finding)
    .filter((layer) => layers.includes(layer))
    .map((layer) => [audit, messageId, layer].join());
}

function loudest(findings: readonly Finding[]): Finding["severity"] | null {
  const order = ["error", "warning", "info"] as const;
  return (
    order.find((severity) => findings.some((finding) => finding.severity === severity)) ?? null
  );
}

/** Some of a fault's sites, drawn by the seed. */
export function drawSites(patient: Patient, fault: Fault, most: number, seed: number): Site[] {
  const rng = new Rng(seed).fork(["sites", patient.name, fault.name].join());
  return rng.shuffle(fault.sites(patient)).slice(0, most);
}
