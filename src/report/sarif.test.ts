import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import DraftFour from "ajv-draft-04";
import addFormats from "ajv-formats";
import fc from "fast-check";
import type { Log } from "sarif";
import { describe, expect, it } from "vitest";
import { expectGolden } from "../../tests/support/golden.js";
import {
  cleanResult,
  emptyResult,
  hostileResults,
  resultWithoutShapes,
  sampleResult,
} from "../../tests/support/sample-result.js";
import type { Result } from "../audits/result.js";
import { renderSarif, type SarifOptions } from "./sarif.js";

/** The schema of SARIF 2.1.0 (rtm.5, the one GitHub's code scanning goes by), as Microsoft publishes it. */
const schemaFile = createRequire(import.meta.url).resolve(
  "@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json",
);
const ajv = new DraftFour.default({ strict: false, allErrors: true, unicodeRegExp: false });
addFormats.default(ajv);
const validate = ajv.compile(JSON.parse(readFileSync(schemaFile, "utf8")));

function errorsOf(log: unknown): string[] {
  validate(log);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath}: ${message}`);
}

function logOf(result: Result, options?: SarifOptions): Log {
  return JSON.parse(renderSarif(result, options));
}

const log = logOf(sampleResult());
const [run] = log.runs;

it("looks as before", () =>
  expectGolden(
    renderSarif(sampleResult()),
    new URL("fixtures/sample.sarif.json", import.meta.url),
  ));

describe("the official schema", () => {
  it.each([
    ["the sample", sampleResult(), {}],
    ["audits with addresses", sampleResult(), { docsUrl: "https://example.org/audits" }],
    ["a clean result", cleanResult(), {}],
    ["a result without shapes", resultWithoutShapes(), {}],
    ["an empty result", emptyResult(), {}],
  ])("accepts %s", (_case, result, options) =>
    expect(errorsOf(logOf(result, options))).toEqual([]),
  );

  it("accepts it whatever the names", () => {
    fc.assert(
      fc.property(hostileResults, (result) => {
        // Audits are ours; two with one id would be two rules of one name.
        const { audits } = sampleResult();
        const known = result.findings.map((finding, i) => ({
          ...finding,
          audit: audits[i % audits.length].id,
        }));
        expect(errorsOf(logOf({ ...result, audits, findings: known }))).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it("would have refused what is wrong", () => {
    const broken = structuredClone(log);
    broken.runs[0].results![0].level = "fatal" as "error";
    delete (broken.runs[0].tool.driver as { name?: string }).name;
    broken.runs[0].tool.driver.rules![0].helpUri = "docs/audits/relative.md";
    expect(errorsOf(broken)).toEqual([
      "/runs/0/tool/driver: must have required property 'name'",
      '/runs/0/tool/driver/rules/0/helpUri: must match format "uri"',
      "/runs/0/results/0/level: must be equal to one of the allowed values",
    ]);
  });
});

describe("rules", () => {
  it("are the audits, each with help, its page and its evidence", () => {
    expect(run.tool.driver.rules).toHaveLength(sampleResult().audits.length);
    const slow = run.tool.driver.rules?.find(({ id }) => id === "slow-groups");
    expect(slow?.help?.text).toContain("More in docs/audits/slow-groups.md.");
    expect(slow?.defaultConfiguration?.level).toBe("warning");
    expect(slow?.properties).toMatchObject({ evidence: ["runtime"], requirements: ["S12"] });
  });

  it("carry an address only where it is absolute, as SARIF demands", () => {
    expect(run.tool.driver.rules?.every(({ helpUri }) => helpUri === undefined)).toBe(true);
    const [first] = logOf(sampleResult(), { docsUrl: "https://example.org/" }).runs[0].tool.driver
      .rules!;
    expect(first.helpUri).toBe("https://example.org/more-groups-than-channels.md");
  });

  it("that crashed are notifications of the run", () => {
    const [crash] = run.invocations![0].toolExecutionNotifications!;
    expect(crash.message.text).toContain("recalibration-heads crashed: TypeError");
    expect(run.tool.driver.rules![crash.associatedRule!.index!].id).toBe("recalibration-heads");
  });
});

describe("results", () => {
  const results = run.results!;

  it("refer to their rule by id and place", () => {
    for (const { ruleId, ruleIndex } of results)
      expect(run.tool.driver.rules![ruleIndex!].id).toBe(ruleId);
  });

  it("map severities to levels", () =>
    expect(new Set(results.map(({ level }) => level))).toEqual(
      new Set(["error", "warning", "note"]),
    ));

  it("name the layer in the file, and the file", () => {
    const [location] = results.find(({ ruleId }) => ruleId === "grouped-neck")!.locations!;
    expect(location.physicalLocation?.artifactLocation?.uri).toBe("yard-detector%20%3Cv2%3E.onnx");
    expect(run.artifacts![location.physicalLocation!.artifactLocation!.index!].location?.uri).toBe(
      location.physicalLocation?.artifactLocation?.uri,
    );
    const [layer] = location.logicalLocations!;
    expect(run.logicalLocations![layer.index!]).toMatchObject({
      fullyQualifiedName: "颈部/融合层/分组卷积_四",
      kind: "function",
      parentIndex: 0,
    });
    expect(run.logicalLocations![0].kind).toBe("module");
  });

  it("keep a name that cannot be shown as it is, beside one that can", () => {
    const red = run.logicalLocations!.find(({ decoratedName }) => decoratedName !== undefined);
    expect(red).toMatchObject({
      decoratedName: "\u001b[31mbackbone.red\u001b[0m",
      fullyQualifiedName: "\\u{1b}[31mbackbone.red\\u{1b}[0m",
    });
  });

  it("are beside the file in the repository if its path is given", () => {
    const [result] = logOf(sampleResult(), { modelPath: "models/yard detector.onnx" }).runs[0]
      .results!;
    expect(result.locations![0].physicalLocation?.artifactLocation?.uri).toBe(
      "models/yard%20detector.onnx",
    );
  });

  it("carry evidence, and the numbers", () => {
    const slow = results.find(({ ruleId }) => ruleId === "slow-groups");
    expect(slow?.properties).toMatchObject({
      evidence: { level: "runtime" },
      groups: 64,
      channelsPerGroup: 4,
      suggestedGroups: 32,
    });
  });

  it("keep their fingerprints when findings come in another order", () => {
    const printsOf = ({ runs }: Log) =>
      runs[0].results!.map(({ partialFingerprints }) => partialFingerprints!).sort(byName);
    const byName = (a: Record<string, string>, b: Record<string, string>) =>
      a["groupconvFinding/v1"] < b["groupconvFinding/v1"] ? -1 : 1;
    const reversed = { ...sampleResult(), findings: sampleResult().findings.toReversed() };
    expect(printsOf(logOf(reversed))).toEqual(printsOf(log));
  });

  it("have no placeholders and no links in their messages", () => {
    const [finding] = sampleResult().findings;
    const attack = { ...finding, message: "see {0} and [this](https://evil.example)" };
    const [result] = logOf({ ...sampleResult(), findings: [attack] }).runs[0].results!;
    expect(result.message.text).toContain("see {{0}} and [this\\](https://evil.example).");
  });
});
