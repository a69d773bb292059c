import { describe, expect, it } from "vitest";
import { type SurveyOptions, survey } from "../../src/analysis/index.js";
import type { AnyAudit } from "../../src/audits/audit.js";
import type { Preset } from "../../src/audits/presets.js";
import type { Severity } from "../../src/audits/result.js";
import { runAudit } from "../../src/audits/runner.js";
import type { Model } from "../../src/graph/index.js";
import { parseModel } from "../../src/graph/index.js";

/** A model in text form, or one made by code. */
type Source = string | (() => Model);

interface Case {
  readonly name: string;
  readonly model: Source;
  readonly options?: SurveyOptions;
}

interface ExpectedFinding {
  readonly node: string;
  readonly messageId: string;
  /** The whole sentence, so that its numbers and words are held. */
  readonly message?: string;
  readonly advice?: RegExp;
  readonly related?: readonly string[];
  readonly suggestedGroups?: number | null;
  /** Under `recommended` unless the case says otherwise. */
  readonly severity?: Severity;
}

interface FoundCase extends Case {
  /** Defaults to `golden-rules`, under which no audit is silent. */
  readonly preset?: Preset;
  readonly findings: readonly ExpectedFinding[];
}

interface NotApplicableCase extends Case {
  readonly reason: string | RegExp;
}

/**
 * The test of an audit, as data: models it finds nothing in, models with the findings it must make (all
 * of them, in order), and models it has nothing to say about.
 */
export function testAudit(
  audit: AnyAudit,
  cases: {
    readonly clean: readonly Case[];
    readonly found: readonly FoundCase[];
    readonly notApplicable?: readonly NotApplicableCase[];
  },
): void {
  describe(audit.id, () => {
    it.each(cases.clean)("is content: $name", async ({ model, options }) => {
      const { row, findings } = await run(audit, model, "golden-rules", options);
      expect(findings).toEqual([]);
      expect(row).toMatchObject({ status: "passed", reason: null });
    });

    it.each(cases.found)("finds: $name", async ({ model, options, preset, findings: expected }) => {
      const { row, findings } = await run(audit, model, preset ?? "golden-rules", options);
      expect(row.reason).toBeNull();
      expect(findings.map(({ node, messageId }) => ({ node, messageId }))).toEqual(
        expected.map(({ node, messageId }) => ({ node, messageId })),
      );
      expected.forEach(({ advice, ...wanted }, i) => {
        expect(findings[i]).toMatchObject(wanted);
        if (advice) expect(findings[i].advice).toMatch(advice);
        expect(findings[i].message).not.toMatch(/[{}]|undefined|NaN/);
        expect(findings[i].advice).not.toMatch(/[{}]|undefined|NaN/);
      });
    });

    it.each(cases.notApplicable ?? [])(
      "does not apply: $name",
      async ({ model, options, reason }) => {
        const { row, findings } = await run(audit, model, "golden-rules", options);
        expect(findings).toEqual([]);
        expect(row.status).toBe("not-applicable");
        expect(row.reason).toMatch(reason);
      },
    );
  });
}

async function run(audit: AnyAudit, source: Source, preset: Preset, options?: SurveyOptions) {
  const model = typeof source === "string" ? parseModel(source) : source();
  return runAudit(audit, await survey(model, options), preset);
}
