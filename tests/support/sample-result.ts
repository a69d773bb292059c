import { readFileSync } from "node:fs";
import fc from "fast-check";
import type { Result } from "../../src/audits/result.js";
import { resultSchema } from "../../src/report/schema.js";
import { sum } from "../../src/util/math.js";

/** A detector of 25 convolutions, some with names that attack a terminal, a page or a table. */
export function sampleResult(): Result {
  const file = new URL("../../src/report/fixtures/sample-result.json", import.meta.url);
  return resultSchema.parse(JSON.parse(readFileSync(file, "utf8")));
}

/** A network in which nothing was found. */
export function cleanResult(): Result {
  const sample = sampleResult();
  const convolutions = sample.convolutions.slice(0, 3);
  const params = sum(convolutions.map((row) => row.params));
  const macs = sum(convolutions.map((row) => row.macs ?? 0));
  return {
    ...sample,
    model: { ...sample.model, name: "clean.onnx", params, macs },
    convolutions,
    audits: sample.audits.map((audit) => ({
      ...audit,
      status: "passed",
      reason: null,
      findings: 0,
    })),
    findings: [],
    summary: { errors: 0, warnings: 0, infos: 0 },
    notes: [],
  };
}

/** A model of which the runtime gave no shapes. */
export function resultWithoutShapes(): Result {
  const sample = sampleResult();
  return {
    ...sample,
    model: { ...sample.model, macs: null },
    shapes: { available: false, reason: "the runtime could not load the model" },
    convolutions: sample.convolutions.map((row) => ({
      ...row,
      inShape: null,
      outShape: null,
      macs: null,
      fastPath: { ...row.fastPath, path: "unknown", reason: "no shapes", confirmed: null },
    })),
  };
}

/** A model without a single convolution. */
export function emptyResult(): Result {
  const clean = cleanResult();
  return {
    ...clean,
    model: { ...clean.model, name: "empty.onnx", producer: null, params: 0, macs: 0 },
    inputs: [],
    convolutions: [],
    audits: [],
  };
}

const PIECES = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "' onmouseover='alert(1)",
  "</style><svg onload=alert(1)>",
  "</title>",
  "-->",
  "]]>",
  "&lt;",
  "javascript:alert(1)",
  "https://evil.example/?a=1&b=2",
  "\u001b[31m",
  "\u001b]8;;https://evil.example\u0007",
  "\r\n",
  "\n\n# heading",
  "\u202e",
  "\u2066",
  "\u0000",
  "\ud800",
  "\u2028",
  "a|b",
  "`code`",
  "**bold**",
  "[x](y)",
  "@everyone",
  "{0}",
  "颈部",
  "رقبة",
  "🚀",
  "../..",
  "%00",
  " ",
  "conv1",
];

/** Text that attacks whatever shows it. */
export const hostileText: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...PIECES), { maxLength: 5 }).map((pieces) => pieces.join("")),
  fc.string({ unit: "binary" }),
);

/** Fields whose text is not one of a few words. */
const FREE_TEXT =
  /^(name|producer|version|preset|reason|op|mixedBy|source|id|title|failureTitle|why|audit|node|messageId|message|advice)$/;
const FIXED = new Set(["file", "given", "default", "inferred", "groupconv"]);

/** The sample with every free text replaced: equal texts by equal ones, so that references still hold. */
export const hostileResults: fc.Arbitrary<Result> = fc
  .array(hostileText, { minLength: 8, maxLength: 40 })
  .map((texts) => {
    const known = new Map<string, string>();
    const replacement = (text: string) => {
      if (!known.has(text)) known.set(text, texts[known.size % texts.length]);
      return known.get(text)!;
    };
    const attack = (value: unknown, free: boolean): unknown => {
      if (typeof value === "string") return free && !FIXED.has(value) ? replacement(value) : value;
      if (Array.isArray(value)) return value.map((item) => attack(item, free));
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [
          key,
          attack(
            item,
            FREE_TEXT.test(key) || ["related", "notes", "seedRows", "data"].includes(key),
          ),
        ]),
      );
    };
    return attack(sampleResult(), false) as Result;
  });
