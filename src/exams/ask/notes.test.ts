import { describe, expect, it } from "vitest";
import { sampleExamReport } from "../../../tests/support/sample-exam-report.js";
import { notesOf } from "./notes.js";

/** The notes on a profile of two nodes of 2 ms each, whose runs take so long. */
async function notesWith(low: number, median: number): Promise<string[]> {
  const { ask } = (await sampleExamReport()).sections;
  const { profile } = ask!;
  const [node] = profile!.nodes;
  const ms = { median: 2, low: 1.9, high: 2.2, samples: 30 };
  const nodeSumMs = { median, low, high: 2 * median, samples: 30 };
  const nodes = [node, node].map((one) => ({ ...one, ms }));
  return notesOf({ ...ask!, profile: { ...profile!, nodeSumMs, nodes } });
}

describe("notes on a profile", () => {
  it("say that nodes waited where their medians are not what a run takes", async () => {
    // 2 + 2 = 4, under 0.8 * 8
    expect(await notesWith(8, 9)).toEqual([
      expect.stringContaining("add up to 4.00 ms, the nodes of one run to 9.00 ms"),
    ]);
  });

  it("say nothing where the medians add up to about that", async () => {
    expect(await notesWith(4, 4.1)).toEqual([]);
    // 4 is not under 0.8 * 4.9, however long the slower half of the runs took
    expect(await notesWith(4.9, 9)).toEqual([]);
  });
});
