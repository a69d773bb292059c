import { basename, resolve } from "node:path";
import { buildCommand } from "@stricli/core";
import { audit, PRESETS, type Preset, type Result } from "../../audits/index.js";
import { readModelFile, writeFileAtomic } from "../../files/index.js";
import type { Model } from "../../graph/index.js";
import { TARGET_IDS, TASKS, type TargetId, type Task } from "../../groups/index.js";
import { RENDER_FORMATS, type RenderFormat, render } from "../../report/index.js";
import { readOptimisedGraph } from "../../runtime/optimised-graph.node.js";
import { FormatError, GraphError, UsageError } from "../../util/errors.js";
import { printable } from "../../util/text.js";
import { loadConfig } from "../config.js";
import { type CliContext, EXIT_FINDINGS, terminalWidth, wantsColors } from "../context.js";
import { oneOf, parseInputShape } from "../parsers.js";
import { FAIL_ON, type FailOn, reaches } from "../severity.js";

interface AuditFlags {
  readonly task?: Task;
  readonly target?: TargetId;
  readonly preset?: Preset;
  readonly input?: readonly (readonly [string, number[]])[];
  readonly format?: RenderFormat;
  readonly json?: boolean;
  readonly output?: string;
  readonly failOn?: FailOn;
  readonly config?: string;
  readonly verbose?: boolean;
}

async function run(this: CliContext, flags: AuditFlags, path: string): Promise<void> {
  const config = await loadConfig(this.cwd, flags.config);
  const file = resolve(this.cwd, path);
  const model = await readNamed(file, path);
  const result = await audit(model, {
    name: basename(file),
    task: flags.task ?? config.task,
    target: flags.target ?? config.target,
    preset: flags.preset ?? config.preset,
    inputShapes: { ...config.inputs, ...shapesByName(flags.input ?? []) },
    roles: config.roles,
    severities: config.audits,
    readOptimisedGraph,
  });
  await print(
    this,
    result,
    flags,
    flags.format ?? (flags.json ? "json" : config.format) ?? "terminal",
    file,
  );
  if (reaches(result.findings, flags.failOn ?? config.failOn ?? "error"))
    this.process.exitCode = EXIT_FINDINGS;
}

function shapesByName(
  given: readonly (readonly [name: string, shape: readonly number[]])[],
): Record<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>();
  for (const [name, shape] of given) {
    if (shapes.has(name)) throw new UsageError(`--input ${printable(name)} is given twice`);
    shapes.set(name, shape);
  }
  return Object.fromEntries(shapes);
}

/** Reads the model; what is wrong with the file is said with its name in front. */
async function readNamed(file: string, name: string): Promise<Model> {
  try {
    return await readModelFile(file);
  } catch (error) {
    if (!(error instanceof FormatError || error instanceof GraphError)) throw error;
    if (error.message.includes(file)) throw error;
    throw new FormatError(`${name}: ${error.message}`, { help: error.help, cause: error });
  }
}

async function print(
  context: CliContext,
  result: Result,
  { output, verbose }: AuditFlags,
  format: RenderFormat,
  model: string,
): Promise<void> {
  if (output === undefined) {
    const options = { colors: wantsColors(context), width: terminalWidth(context), verbose };
    context.process.stdout.write(render(result, format, options));
    return;
  }
  const target = resolve(context.cwd, output);
  if (target === model) throw new UsageError(`--output ${output} is the model itself`);
  await writeFileAtomic(target, render(result, format, { colors: false, width: 120, verbose }));
  context.process.stderr.write(`wrote ${output}\n`);
}

export const auditCommand = buildCommand<AuditFlags, [string], CliContext>({
  func: run,
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
        brief: "Runtime and hardware to judge fast paths for, such as ort-cpu or tensorrt-int8",
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
    },
    positional: {
      kind: "tuple",
      parameters: [{ brief: "ONNX model to audit", parse: String, placeholder: "MODEL.onnx" }],
    },
    aliases: { o: "output", f: "format" },
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
      "",
      "Exit code: 0 clean, 1 findings at or over --fail-on, 2 could not run.",
    ].join("\n"),
  },
});
