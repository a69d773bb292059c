import { describe, expect, it } from "vitest";
import { sampleResult } from "../../tests/support/sample-result.js";
import type { Finding } from "../audits/result.js";
import { fingerprints, fnv1a64 } from "./fingerprint.js";

/** From the authors' own list, http://www.isthe.com/chongo/src/fnv/test_fnv.c */
it.each([
  ["", "cbf29ce484222325"],
  ["a", "af63dc4c8601ec8c"],
  ["foobar", "85944171f73967e8"],
])("FNV-1a of %j is %s", (text, hash) => expect(fnv1a64(text)).toBe(hash));

describe("fingerprints", () => {
  const { findings } = sampleResult();
  const named = (list: readonly Finding[]) =>
    new Map(fingerprints(list).map((name, i) => [name, list[i]]));

  it("are different for different findings", () =>
    expect(named(findings).size).toBe(findings.length));

  it("do not depend on the order", () =>
    expect(named(findings.toReversed())).toEqual(named(findings)));

  it("do not depend on numbers and words, which change with the model and the version", () => {
    const changed = findings.map((finding) => ({
      ...finding,
      message: "other words",
      advice: "other words",
      groups: finding.groups + 1,
      data: {},
    }));
    expect(fingerprints(changed)).toEqual(fingerprints(findings));
  });

  it("tell findings apart that are alike in all else", () => {
    const [first, second] = fingerprints([findings[0], findings[0]]);
    expect(first).toMatch(/^[0-9a-f]{16}:1$/);
    expect(second).toBe(first.replace(/1$/, "2"));
  });

  it("do not confuse where one field ends and the next begins", () => {
    const [a, b] = fingerprints([
      { ...findings[0], messageId: "ab", node: "c" },
      { ...findings[0], messageId: "a", node: "bc" },
    ]);
    expect(a).not.toBe(b);
  });
});
