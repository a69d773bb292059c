import { exams } from "../../src/exams/all.js";
import { cheaperGroups } from "../../src/exams/ask/cheaper-groups.js";
import { offFastPath } from "../../src/exams/ask/off-fast-path.js";
import { slowerThanDense } from "../../src/exams/ask/slower-than-dense.js";
import { runCheck } from "../../src/exams/check.js";
import type { AskSection, ExamReport, LookSection } from "../../src/exams/index.js";
import { lookChecks } from "../../src/exams/look/checks/index.js";
import { MatrixPainter } from "../../src/exams/look/matrix-picture.js";
import { RowTotals } from "../../src/exams/look/row-totals.js";
import { range } from "../../src/util/math.js";
import { askSection } from "./ask-section.js";
import { lookLayer, lookSection } from "./look-section.js";

/** A name that must not act on a terminal, a page or a table. */
export const HOSTILE_NAME = "block1/<script>alert(1)</script>|\u001b[31m`conv`";

/** What exams might have found in a small network; every finding is a real check's. */
export async function sampleExamReport(): Promise<ExamReport> {
  const look = sampleLook();
  const ask = await sampleAsk();
  const outcomes = [
    ...lookChecks(look),
    ...[slowerThanDense, cheaperGroups, offFastPath].map((check) => runCheck("ask", check, ask)),
  ];
  return {
    schemaVersion: 1,
    tool: { name: "groupconv", version: "9.9.9" },
    model: "net.onnx",
    data: {
      source: "12 pictures in photos",
      synthetic: false,
      seed: null,
      samples: 12,
      inputs: [{ name: "x", dtype: "float32", shape: [4, 3, 64, 64], perSample: true }],
      skipped: [{ name: "broken.png", reason: "Input buffer has corrupt header" }],
      leftOver: 0,
    },
    exams: [
      { id: "look", title: exams.look.title, status: "done", reason: null, elapsedMs: 1234 },
      {
        id: "listen",
        title: exams.listen.title,
        status: "failed",
        reason: "no gradient for op=NonMaxSuppression",
        elapsedMs: 12,
      },
      { id: "ask", title: exams.ask.title, status: "done", reason: null, elapsedMs: 20_500 },
    ],
    sections: { look, ask },
    checks: outcomes.map(({ row }) => row),
    findings: outcomes.flatMap(({ findings }) => findings),
    notes: ["1 ranking of 1 not settled within the budget: give it more, or a quieter machine"],
  };
}

/** One exam, and nothing to say. */
export function cleanExamReport(): ExamReport {
  const look = lookSection(lookLayer());
  const outcomes = lookChecks(look);
  return {
    schemaVersion: 1,
    tool: { name: "groupconv", version: "9.9.9" },
    model: "clean.onnx",
    data: {
      source: "synthetic 1/f noise",
      synthetic: true,
      seed: 0,
      samples: 8,
      inputs: [{ name: "x", dtype: "float32", shape: [8, 3, 64, 64], perSample: true }],
      skipped: [],
      leftOver: 0,
    },
    exams: [{ id: "look", title: exams.look.title, status: "done", reason: null, elapsedMs: 80 }],
    sections: { look },
    checks: outcomes.map(({ row }) => row),
    findings: outcomes.flatMap(({ findings }) => findings),
    notes: [],
  };
}

/** An exam that could not be made, and no other. */
export function failedExamReport(): ExamReport {
  const reason = "only float32 has gradients";
  return {
    ...cleanExamReport(),
    exams: [{ id: "listen", title: exams.listen.title, status: "failed", reason, elapsedMs: 1 }],
    sections: {},
    checks: [],
    findings: [],
  };
}

function sampleLook(): LookSection {
  // 16 channels in 4 groups: r is 0.9 within a group and 0.02 across.
  const painter = new MatrixPainter(16, 64);
  const totals = new RowTotals(16);
  for (let i = 0; i < 16; i++) {
    totals.row.set(range(16).map((j) => (Math.floor(i / 4) === Math.floor(j / 4) ? 0.9 : 0.02)));
    painter.paint(i, totals);
  }
  const band = { low: 0.153, high: 0.408, verdict: "within" } as const;
  return lookSection(
    lookLayer({ name: "stem/conv", output: { referenceBand: band, meanAbsR: 0.31 } }),
    lookLayer({
      name: "block1/grouped",
      kind: "grouped",
      groups: 4,
      channelsPerGroup: 4,
      output: {
        meanAbsR: 0.196,
        withinGroupsAbsR: 0.9,
        acrossGroupsAbsR: 0.02,
        blockScores: [{ groups: 4, score: 0.98, sdScore: 0.01 }],
        effectiveRank: 6.3,
        effectiveRankHalves: [6.1, 6.4],
        matrix: painter.finish([]),
      },
    }),
    lookLayer({
      name: HOSTILE_NAME,
      output: { effectiveRank: null, duplicateChannels: [3, 5, 7, 9, 11, 12, 13, 14] },
      after: { deadChannels: [1, 2, 4] },
    }),
    lookLayer({ name: "颈部/深度卷积", kind: "depthwise", groups: 16, channelsPerGroup: 1 }),
  );
}

async function sampleAsk(): Promise<AskSection> {
  const section = await askSection({
    groups: 8,
    ms: { 1: 1.5, 2: 1.1, 4: 0.8, 8: 2.4, 16: 2.6, 32: 3.1, 64: 0.3 },
    noiseMs: 0.01,
  });
  const spread = (ms: number) => ({ median: ms, low: 0.95 * ms, high: 1.1 * ms, samples: 30 });
  const node = {
    provider: "CPUExecutionProvider",
    ms: spread(2.4),
    share: 0.6,
    macs: 2_000_000,
    bytes: 400_000,
    intensity: 10,
    gigaflopsPerSecond: 1.67,
    gigabytesPerSecond: 0.167,
    ceilingShare: 0.042,
  };
  return {
    ...section,
    profile: {
      runs: 30,
      sessions: 6,
      wholeMs: spread(4.1),
      nodeSumMs: spread(4),
      unexplainedMs: spread(0.1),
      noiseMs: 0.2,
      ceilings: {
        gigaflopsPerSecond: 160,
        gigabytesPerSecond: 4,
        gigaflopsPerSecondSpread: { median: 150, low: 140, high: 156, samples: 100 },
        gigabytesPerSecondSpread: { median: 3.5, low: 3.25, high: 3.75, samples: 100 },
      },
      nodes: [
        {
          ...node,
          name: "conv_nchwc",
          op: "Conv",
          nodes: ["conv"],
          layer: "conv",
          bound: "memory",
        },
        {
          ...node,
          name: "reorder",
          op: "ReorderOutput",
          nodes: [],
          layer: null,
          ms: spread(1.2),
          share: 0.3,
          macs: 0,
          intensity: 0,
          gigaflopsPerSecond: 0,
          gigabytesPerSecond: 3.4,
          ceilingShare: 0.85,
          bound: "memory",
        },
        {
          ...node,
          name: "gemm",
          op: "Gemm",
          nodes: [HOSTILE_NAME],
          layer: null,
          ms: spread(0.0004),
          share: 0.1,
          macs: 40_000_000,
          intensity: 200,
          gigaflopsPerSecond: 98.76,
          gigabytesPerSecond: 0.493,
          ceilingShare: 0.617,
          bound: "compute",
        },
      ],
    },
  };
}
