import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hostileResults, sampleResult } from "../../tests/support/sample-result.js";
import { FormatError } from "../util/errors.js";
import { parseResult, renderJson } from "./json.js";

it("reads back what it wrote, whatever the names", () => {
  fc.assert(
    fc.property(hostileResults, (result) => {
      expect(parseResult(renderJson(result))).toEqual(result);
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
  ])("%j: %s", (json, message) => {
    expect(() => parseResult(json)).toThrow(FormatError);
    expect(() => parseResult(json)).toThrow(message);
  });

  it("and names the field", () => {
    const { findings, ...rest } = sampleResult();
    const broken = { ...rest, findings: [{ ...findings[0], severity: "fatal" }] };
    expect(() => parseResult(JSON.stringify(broken))).toThrow(
      'result: findings.0.severity: Invalid option: expected one of "error"|"warning"|"info"',
    );
  });

  it("a field it does not know, made printable", () => {
    const broken = { ...sampleResult(), "\u001b[31m": 1 };
    expect(() => parseResult(JSON.stringify(broken))).toThrow('"\\u{1b}[31m"');
  });

  it("many faults in few words", () => {
    expect(() => parseResult("{}")).toThrow(/; and 10 more$/);
  });
});
