import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostileResults, sampleResult } from "../../tests/support/sample-result.js";
import { FormatError } from "../util/errors.js";
import { parseResult, renderJson } from "./json.js";

it("reads back what it wrote, whatever the names", async () => {
  await fc.assert(
    fc.asyncProperty(hostileResults, async (result) => {
      expect(await parseResult(renderJson(result))).toEqual(result);
    }),
    { numRuns: 30 },
  );
});

it("ends in one newline", () => expect(renderJson(sampleResult())).toMatch(/\}\n$/));

describe("parseResult refuses", () => {
  it.each([
    ["", "result: not JSON"],
    ["{", "result: not JSON"],
    ["[]", "result: the whole: Invalid input: expected object, received array"],
    ["null", "result: the whole: Invalid input: expected object, received null"],
    ["{}", "schemaVersion: Invalid input: expected 1; tool: "],
  ])("%j: %s", async (json, message) => {
    await expect(parseResult(json)).rejects.toThrow(FormatError);
    await expect(parseResult(json)).rejects.toThrow(message);
  });

  it("and names the field", async () => {
    const { findings, ...rest } = sampleResult();
    const broken = { ...rest, findings: [{ ...findings[0], severity: "fatal" }] };
    await expect(parseResult(JSON.stringify(broken))).rejects.toThrow(
      'result: findings.0.severity: Invalid option: expected one of "error"|"warning"|"info"',
    );
  });

  it("a field it does not know, made printable", async () => {
    const broken = { ...sampleResult(), "\u001b[31m": 1 };
    await expect(parseResult(JSON.stringify(broken))).rejects.toThrow('"\\u{1b}[31m"');
  });

  it("many faults in few words", async () => {
    await expect(parseResult("{}")).rejects.toThrow(/; and 10 more$/);
  });
});
