import type { EvidenceLevel } from "../groups/index.js";
import { UsageError } from "../util/errors.js";
import { nearestWord, printable } from "../util/text.js";
import type { Message } from "./audit.js";
import type { Severity } from "./result.js";

/**
 * How loud a finding is.
 * - `recommended`: as loud as its evidence. What a specification forbids is an error, what was measured,
 *   published or documented warns, a rule of thumb informs, and what published evidence speaks against is
 *   silent.
 * - `golden-rules`: the seed's rules, all on, as the seed states them.
 */
export const PRESETS = ["recommended", "golden-rules"] as const;
export type Preset = (typeof PRESETS)[number];

const byEvidence: Readonly<Record<EvidenceLevel, Severity | "off">> = {
  specification: "error",
  runtime: "warning",
  measured: "warning",
  published: "warning",
  heuristic: "info",
  disputed: "off",
};

const loudness: readonly (Severity | "off")[] = ["off", "info", "warning", "error"];

export function severityUnder(preset: Preset, message: Message): Severity | "off" {
  if (preset === "golden-rules" && message.golden) return message.golden;
  const severity = byEvidence[message.evidence.level];
  const { atMost = "error" } = message;
  return loudness.indexOf(severity) > loudness.indexOf(atMost) ? atMost : severity;
}

/** @throws UsageError naming the nearest preset. */
export function findPreset(name: string): Preset {
  const preset = PRESETS.find((candidate) => candidate === name);
  if (preset) return preset;
  const near = nearestWord(name, PRESETS);
  throw new UsageError(`preset="${printable(name)}" is none of ${PRESETS.join(", ")}`, {
    help: near ? `Did you mean ${near}?` : undefined,
  });
}
