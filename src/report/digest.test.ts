import { describe, expect, it } from "vitest";
import {
  cleanResult,
  emptyResult,
  resultWithoutShapes,
  sampleResult,
} from "../../tests/support/sample-result.js";
import type { AuditRow } from "../audits/result.js";
import {
  auditClaim,
  auditsWith,
  findingsByLayer,
  groupFindings,
  layersText,
  notableLayers,
  sortedFindings,
  totalsByKind,
  verdict,
} from "./digest.js";

const sample = sampleResult();

describe("findings", () => {
  it("are sorted worst first", () => {
    const severities = sortedFindings(sample).map(({ severity }) => severity);
    expect(severities).toEqual([
      ...Array(3).fill("error"),
      ...Array(5).fill("warning"),
      ...Array(3).fill("info"),
    ]);
  });

  it("of one audit follow the network, whatever the order they were found in", () => {
    const reversed = { ...sample, findings: sample.findings.toReversed() };
    const slow = groupFindings(reversed).find(({ audit }) => audit === "slow-groups");
    expect(slow?.findings.map(({ node }) => node)).toEqual([
      "backbone/stage3/grouped_b",
      "head/boxes/grouped",
      "head/boxes/out",
    ]);
  });

  it("are gathered by audit, with its words", () => {
    const groups = groupFindings(sample);
    expect(groups).toHaveLength(8);
    expect(groups[0]).toMatchObject({
      audit: "more-groups-than-channels",
      title: "A layer has more groups than channels",
      severity: "error",
    });
    expect(groups.flatMap(({ findings }) => findings)).toHaveLength(sample.findings.length);
  });

  it("of an audit that is not listed go by its id", () => {
    const [group] = groupFindings({ ...sample, audits: [] });
    expect(group.title).toBe("more-groups-than-channels");
  });

  it("of a layer put the worst first", () => {
    const own = findingsByLayer(sample).get("head/boxes/out");
    expect(own?.map(({ severity }) => severity)).toEqual(["error", "warning"]);
  });
});

describe("totalsByKind", () => {
  it("adds up to the whole", () => {
    const { dense, grouped, depthwise } = totalsByKind(sample);
    expect([dense.layers, grouped.layers, depthwise.layers]).toEqual([12, 10, 3]);
    expect(dense.params + grouped.params + depthwise.params).toBe(sample.model.params);
    expect(dense.macs! + grouped.macs! + depthwise.macs!).toBe(sample.model.macs);
    // 32*160*160*9 + 64*80*80*9 + 256*40*40*25 multiply-accumulates
    expect(depthwise.macs).toBe(7_372_800 + 3_686_400 + 10_240_000);
  });

  it("does not take unknown multiply-accumulates for none", () => {
    expect(totalsByKind(resultWithoutShapes()).grouped.macs).toBeNull();
  });
});

it("shows dense layers only where something was found", () => {
  const dense = sample.convolutions.find(({ kind }) => kind === "dense")!;
  expect(notableLayers(sample)).not.toContain(dense);
  const found = { ...sample, findings: [{ ...sample.findings[0], node: dense.name }] };
  expect(notableLayers(found)).toContain(dense);
});

it("tells the audits that crashed from those that passed", () => {
  expect(auditsWith(sample, "crashed").map(({ id }) => id)).toEqual(["recalibration-heads"]);
  expect(auditsWith(sample, "passed")).toHaveLength(3);
});

it("takes the silence of an audit for no answer", () => {
  const claim = (status: AuditRow["status"]) => auditClaim({ ...sample.audits[0], status });
  expect(claim("passed")).toBe("No layer has more groups than channels");
  expect(claim("failed")).toBe("A layer has more groups than channels");
  for (const status of ["not-applicable", "silent", "crashed"] as const)
    expect(claim(status)).toBe("No layer has more groups than channels?");
});

it("counts in words", () => {
  expect(verdict(sample)).toBe("3 errors, 5 warnings, 3 infos");
  expect(verdict({ ...sample, summary: { errors: 1, warnings: 0, infos: 1 } })).toBe(
    "1 error, 1 info",
  );
  expect(verdict(cleanResult())).toBe("no findings");
  expect(layersText(sample)).toBe("25 convolutions (12 dense, 10 grouped, 3 depthwise)");
  expect(layersText(emptyResult())).toBe("0 convolutions");
});
