import { type SurveyOptions, survey } from "../../src/analysis/index.js";
import { audits, type Finding, type Preset } from "../../src/audits/index.js";
import { runAudit } from "../../src/audits/runner.js";
import type { Model } from "../../src/graph/index.js";

export type Examination = Readonly<Record<Preset, readonly Finding[]>>;

/** Every audit on one model, under both presets. @throws when one of them crashes. */
export async function examine(model: Model, options: SurveyOptions = {}): Promise<Examination> {
  const surveyed = await survey(model, options);
  const findings = async (preset: Preset) => {
    const found: Finding[] = [];
    for (const audit of audits) {
      const { row, findings } = await runAudit(audit, surveyed, preset);
      if (row.status === "crashed") throw new Error(`${row.id} crashed: ${row.reason}`);
      found.push(...findings);
    }
    return found;
  };
  return {
    recommended: await findings("recommended"),
    "golden-rules": await findings("golden-rules"),
  };
}
