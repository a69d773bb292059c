import { buildCommand } from "@stricli/core";
import { EXAM_FORMATS } from "../../report/index.js";
import { TIMED_TARGETS } from "../../runtime/index.js";
import type { CliContext } from "../context.js";
import { measuringFlags } from "../exam/measuring-flags.js";
import type { ExamFlags } from "../exam/run-exam.js";
import { oneOf, parseInputShape } from "../parsers.js";
import { FAIL_ON } from "../severity.js";

const optional = { optional: true } as const;

export const examCommand = buildCommand<ExamFlags, [string], CliContext>({
  loader: async () => (await import("../exam/run-exam.js")).runExam,
  parameters: {
    flags: {
      ...measuringFlags,
      target: {
        kind: "parsed",
        parse: oneOf(TIMED_TARGETS),
        brief: `What ask times on: ${TIMED_TARGETS.join(", ")}. Defaults to ort-cpu; ort-wasm and ort-webgpu start a browser`,
        placeholder: "target",
        ...optional,
      },
      input: {
        kind: "parsed",
        parse: parseInputShape,
        brief: "Shape of a batch for an input the model leaves open",
        placeholder: "NAME=1,3,640,640",
        variadic: true,
        ...optional,
      },
      format: {
        kind: "parsed",
        parse: oneOf(EXAM_FORMATS),
        brief: `Form of the report: ${EXAM_FORMATS.join(", ")}. Defaults to ${EXAM_FORMATS[0]}`,
        placeholder: "format",
        ...optional,
      },
      json: { kind: "boolean", brief: "Same as --format json", withNegated: false, ...optional },
      output: {
        kind: "parsed",
        parse: String,
        brief: "File to write the report to, instead of the terminal",
        placeholder: "file",
        ...optional,
      },
      failOn: {
        kind: "parsed",
        parse: oneOf(FAIL_ON),
        brief: `Exit with 1 when a finding is at least this severe: ${FAIL_ON.join(", ")}. Defaults to error`,
        placeholder: "severity",
        ...optional,
      },
      verbose: {
        kind: "boolean",
        brief: "List every layer and node",
        withNegated: false,
        ...optional,
      },
    },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "ONNX model to examine", parse: String, placeholder: "MODEL.onnx" }],
    },
    aliases: { o: "output", f: "format", d: "data" },
  },
  docs: {
    brief: "Run a model on data, measure, and say what the numbers mean",
    fullDescription: [
      "Run a model on data, measure, and say what the numbers mean.",
      "",
      "  look    how the channels of every convolution go together, and its groups",
      "  listen  how large the gradient is at every convolution and group",
      "  ask     where the time goes, and what every other group count would take",
      "  pulse   what becomes of the outputs when a layer's groups are changed for real",
      "",
      "Examples:",
      "  groupconv exam detector.onnx --data photos/ --pictures ocr-det",
      "  groupconv exam model.onnx --data photos/ --pictures raw --order bgr --mean 104,117,123",
      "  groupconv exam model.onnx --data x.npy --exams look --json",
      "  groupconv exam model.onnx --data image=photos/ --data mask=mask.npy",
      "  groupconv exam model.onnx --input x=1,3,224,224 --exams ask --budget 30s",
      "",
      "Ctrl-C stops between two runs; timings that were made are kept for the next time.",
      "Exit code: 0 clean, 1 findings at or over --fail-on, 2 could not run (nor an exam that --exams names),",
      "130 stopped by Ctrl-C.",
    ].join("\n"),
  },
});
