import { buildCommand } from "@stricli/core";
import { PRESETS } from "../../audits/index.js";
import { TARGET_IDS, TASKS } from "../../groups/index.js";
import { RENDER_FORMATS } from "../../report/index.js";
import { type AuditFlags, runAudit } from "../audit/run-audit.js";
import type { CliContext } from "../context.js";
import { hiddenMeasuringFlags } from "../exam/measuring-flags.js";
import { oneOf, parseInputShape } from "../parsers.js";
import { FAIL_ON } from "../severity.js";

export const auditCommand = buildCommand<AuditFlags, [string], CliContext>({
  func: runAudit,
  parameters: {
    flags: {
      task: {
        kind: "parsed",
        parse: oneOf(TASKS),
        brief: `What the network is for: ${TASKS.join(", ")}. Inferred when left out`,
        placeholder: "task",
        optional: true,
      },
      target: {
        kind: "parsed",
        parse: oneOf(TARGET_IDS),
        brief:
          "Runtime and hardware to judge fast paths for, such as ort-cpu or tensorrt-int8; with --exam layers are timed on ort-cpu, ort-wasm or ort-webgpu",
        placeholder: "target",
        optional: true,
      },
      preset: {
        kind: "parsed",
        parse: oneOf(PRESETS),
        brief: `How loud findings are: ${PRESETS.join(", ")}. Defaults to ${PRESETS[0]}`,
        placeholder: "preset",
        optional: true,
      },
      input: {
        kind: "parsed",
        parse: parseInputShape,
        brief: "Shape of an input the model leaves open; may be given for each input",
        placeholder: "NAME=1,3,640,640",
        optional: true,
        variadic: true,
      },
      format: {
        kind: "parsed",
        parse: oneOf(RENDER_FORMATS),
        brief: `Form of the report: ${RENDER_FORMATS.join(", ")}. Defaults to ${RENDER_FORMATS[0]}`,
        placeholder: "format",
        optional: true,
      },
      json: { kind: "boolean", brief: "Same as --format json", optional: true, withNegated: false },
      output: {
        kind: "parsed",
        parse: String,
        brief: "File to write the report to, instead of the terminal",
        placeholder: "file",
        optional: true,
      },
      failOn: {
        kind: "parsed",
        parse: oneOf(FAIL_ON),
        brief: `Exit with 1 when a finding is at least this severe: ${FAIL_ON.join(", ")}. Defaults to error`,
        placeholder: "severity",
        optional: true,
      },
      config: {
        kind: "parsed",
        parse: String,
        brief: "Configuration file. Defaults to groupconv.config.{ts,js,json} in this folder",
        placeholder: "file",
        optional: true,
      },
      verbose: {
        kind: "boolean",
        brief: "List every layer, dense ones too",
        optional: true,
        withNegated: false,
      },
      exam: {
        kind: "boolean",
        brief:
          "Examine it on data, too, in one report; takes --data, --pictures, --exams, --budget and the rest of what groupconv exam --help says of measuring",
        optional: true,
        withNegated: false,
      },
      ...hiddenMeasuringFlags,
    },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "ONNX model to audit", parse: String, placeholder: "MODEL.onnx" }],
    },
    aliases: { o: "output", f: "format", d: "data" },
  },
  docs: {
    brief: "Say what the group settings of a model do, and which of them are faults",
    fullDescription: [
      "Say what the group settings of a model do, and which of them are faults.",
      "",
      "Examples:",
      "  groupconv audit detector.onnx --task detection",
      "  groupconv audit model.onnx --input x=1,3,640,640 --format html --output report.html",
      "  groupconv audit model.onnx --preset golden-rules --fail-on warning",
      "  groupconv audit detector.onnx --exam --data photos/ --pictures ocr-det",
      "",
      "Exit code: 0 clean, 1 findings at or over --fail-on, 2 could not run (nor an exam that --exams names),",
      "130 stopped by Ctrl-C.",
    ].join("\n"),
  },
});
