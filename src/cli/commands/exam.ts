import { buildCommand } from "@stricli/core";
import { EXAM_FORMATS } from "../../report/index.js";
import type { CliContext } from "../context.js";
import type { ExamFlags } from "../exam/run-exam.js";
import {
  oneOf,
  parseBytes,
  parseCount,
  parseDuration,
  parseInputShape,
  parseWhole,
  parseWords,
} from "../parsers.js";
import { FAIL_ON } from "../severity.js";

const optional = { optional: true } as const;

export const examCommand = buildCommand<ExamFlags, [string], CliContext>({
  loader: async () => (await import("../exam/run-exam.js")).runExam,
  parameters: {
    flags: {
      data: {
        kind: "parsed",
        parse: String,
        brief:
          "Folder of pictures, picture, .npy or .npz; NAME=path for each of several inputs. Without it, noise is drawn",
        placeholder: "path",
        variadic: true,
        ...optional,
      },
      pictures: {
        kind: "parsed",
        parse: String,
        brief:
          "How pictures are prepared: unit (default), raw, imagenet, yolo, ocr-det, ocr-rec, ocr-cls",
        placeholder: "preset",
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
      exams: {
        kind: "parsed",
        parse: parseWords,
        brief: "Which exams, with commas: look, listen, ask, pulse. Defaults to all",
        placeholder: "look,ask",
        ...optional,
      },
      memory: {
        kind: "parsed",
        parse: parseBytes,
        brief: "Most memory above what the model takes to run, such as 512MB. Defaults to 1GiB",
        placeholder: "size",
        ...optional,
      },
      budget: {
        kind: "parsed",
        parse: parseDuration,
        brief:
          "Time for the sweep of ask, and as much for the trials of pulse, such as 5m. Defaults to 60s",
        placeholder: "time",
        ...optional,
      },
      threads: {
        kind: "parsed",
        parse: parseCount,
        brief: "Threads an operator may use while ask times it. The runtime decides by default",
        placeholder: "n",
        ...optional,
      },
      limit: {
        kind: "parsed",
        parse: parseCount,
        brief: "Most pictures to take, spread over the folder, or to draw. Defaults to 64, or 8",
        placeholder: "n",
        ...optional,
      },
      seed: {
        kind: "parsed",
        parse: parseWhole,
        brief: "Seed of drawn pictures. Defaults to 0",
        placeholder: "n",
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
      "  groupconv exam model.onnx --data x.npy --exams look --json",
      "  groupconv exam model.onnx --data image=photos/ --data mask=mask.npy",
      "  groupconv exam model.onnx --input x=1,3,224,224 --exams ask --budget 30s",
      "",
      "Ctrl-C stops between two runs; timings that were made are kept for the next time.",
      "Exit code: 0 clean, 1 findings at or over --fail-on, 2 could not run, 130 stopped by Ctrl-C.",
    ].join("\n"),
  },
});
