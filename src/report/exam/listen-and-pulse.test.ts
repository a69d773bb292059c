import { beforeAll, describe, expect, it } from "vitest";
import { smallNet } from "../../../tests/support/exam-networks.js";
import { type ExamReport, examine, syntheticData } from "../../exams/index.node.js";
import { renderExamHtml } from "./html/page.js";
import { LISTEN_COLUMNS, targetText } from "./listen-columns.js";
import { renderExamMarkdown } from "./markdown.js";
import { errorText, PULSE_COLUMNS, trialRows, worstError } from "./pulse-columns.js";
import { renderExamTerminal } from "./terminal.js";

const HOSTILE = '<b onclick="x">|\u001b[31m';
let report: ExamReport;

beforeAll(async () => {
  const model = smallNet();
  model.graph.nodes.find(({ name }) => name === "grouped")!.name = HOSTILE;
  const data = await syntheticData(model, { samples: 4 });
  report = await examine(model, data, { exams: ["listen", "pulse"] });
});

const terminal = (width: number) =>
  renderExamTerminal(report, { colors: false, width, verbose: true });

describe("every trial and every layer is in every format", () => {
  it("with its numbers", () => {
    const { listen, pulse } = report.sections;
    const rows = trialRows(pulse!);
    expect(rows.length).toBeGreaterThan(5);
    const text = terminal(200);
    const markdown = renderExamMarkdown(report, { verbose: true });
    const page = renderExamHtml(report);
    for (const row of rows)
      for (const { text: cell, isDrawn, isName } of PULSE_COLUMNS) {
        if (isName) continue;
        expect(text).toContain(cell(row));
        if (!isDrawn) expect(page).toContain(cell(row));
      }
    for (const layer of listen!.layers)
      for (const { text: cell, isName } of LISTEN_COLUMNS)
        if (!isName) expect(text).toContain(cell(layer));
    expect(markdown).toContain(`Pulse: ${rows.length} of ${rows.length} trials`);
    expect(markdown).toContain(`Listen: 3 of 3 layers`);
  });

  it("with what the gradients are of, and over how many samples", () => {
    const target = "mean of y, over 4 samples in 1 batch";
    expect(terminal(100)).toContain(`target   ${target}`);
    expect(renderExamMarkdown(report, { verbose: true })).toContain(`- target: ${target}`);
    expect(renderExamHtml(report)).toContain(`<dt>Target</dt><dd>${target}</dd>`);
    const { listen } = report.sections;
    const several = { values: ["a", "b\u001b"], label: 3, beforeSoftmax: [] };
    expect(targetText({ ...listen!, target: several, samples: 1 })).toBe(
      "mean of a and of b\\u{1b} at index 3 of axis 1, over 1 sample in 1 batch",
    );
  });

  it("the worst trial first", () => {
    const errors = trialRows(report.sections.pulse!).map(({ trial }) => worstError(trial)!);
    expect(errors).toEqual(errors.toSorted((a, b) => b - a));
  });

  it("a cell of the matrix for each, shaded by its error", () => {
    const page = renderExamHtml(report);
    const cells = [
      ...page.matchAll(
        /<td class="number sense-(\d)" title="time x[\d.]+ \([^)]*\), error [^"]*">([^<]*)<\/td>/g,
      ),
    ];
    const rows = trialRows(report.sections.pulse!);
    expect(cells).toHaveLength(rows.length);
    for (const [, shade, text] of cells) {
      const row = rows.find(({ trial }) => errorText(worstError(trial)) === text)!;
      const error = worstError(row.trial)!;
      expect(Number(shade)).toBe(
        [1e-5, 0.01, 0.05, 0.2, 0.5].filter((from) => error >= from).length,
      );
    }
  });

  it("the control below what was changed", () => {
    const page = renderExamHtml(report);
    const places = ["<figcaption>Cut<", "<figcaption>Ungrouped,"].map((text) => page.indexOf(text));
    expect(places[0]).toBeGreaterThan(0);
    expect(places[1]).toBeGreaterThan(places[0]);
  });

  it("a bar for each group, as high as its share", () => {
    const layer = report.sections.listen!.layers.find(({ groups }) => groups === 2)!;
    const [a, b] = layer.perGroup.outputShare!;
    const heights = [
      ...renderExamHtml(report).matchAll(/<rect class="cold shade-3"[^>]* height="([\d.]+)"/g),
    ];
    expect(heights.map(([, height]) => Number(height) / 40)).toEqual([
      expect.closeTo(a / Math.max(a, b), 3),
      expect.closeTo(b / Math.max(a, b), 3),
    ]);
  });
});

it.each([
  [null, "–"],
  [0, "0 %"],
  [4.2e-7, "4e-5 %"],
  [0.1234, "12.34 %"],
])("an error of %d is %s", (error, text) => expect(errorText(error)).toBe(text));

it("says so where runs were too short for the clock", () => {
  const pulse = report.sections.pulse!;
  const layers = pulse.layers.map((layer) => ({
    ...layer,
    trials: layer.trials.map((trial) => ({ ...trial, latency: { ...trial.latency, ratio: null } })),
  }));
  const coarse = { ...report, sections: { ...report.sections, pulse: { ...pulse, layers } } };
  const rows = trialRows(pulse).length;
  expect(renderExamHtml(coarse).match(/title="time too short to tell/g)).toHaveLength(rows);
  expect(renderExamTerminal(coarse, { colors: false, width: 200 })).not.toMatch(
    /NaN|Infinity|null/,
  );
});

it("names from the model do nothing but stand there", () => {
  expect(renderExamHtml(report)).not.toContain("<b onclick");
  expect(terminal(100)).not.toContain("\u001b");
  expect(renderExamMarkdown(report)).not.toContain("<b onclick");
});

it.each([80, 120])("%d columns are enough", (width) => {
  for (const line of terminal(width).split("\n")) expect(line.length).toBeLessThanOrEqual(width);
});
