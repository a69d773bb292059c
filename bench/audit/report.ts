import { describeMachine, installedVersion } from "../support/machine.js";
import { type Spread, spreadOf, spreadText } from "../support/spread.js";
import { markdownTable } from "../support/table.js";
import type { Program, Run } from "./measure.js";

/** One program on one model, run several times. */
export interface Subject {
  readonly tool: "node" | "groupconv" | "onnx";
  readonly name: string;
  readonly model: string;
  readonly bytes: number;
  readonly program: Program;
  readonly runs: Run[];
}

export interface ReportInput {
  readonly subjects: readonly Subject[];
  readonly runs: number;
  readonly loads: readonly string[];
  readonly peerVersion: string | null;
}

/** What we set out to reach. */
const TIMES_FASTER = 10;
const TIMES_LESS_MEMORY = 10;
const TIMES_TINY = 1.5;
/** How the models that are not large are called; the rest of the name is that of their larger kin. */
const TINY = "tiny";

export function report({ subjects, runs, loads, peerVersion }: ReportInput): string {
  const rows = subjects.map((subject) => [
    subject.tool,
    subject.model,
    subject.bytes === 0 ? "" : (subject.bytes / 1e6).toFixed(1),
    spreadText(secondsOf(subject), 2),
    spreadText(megabytesOf(subject), 0),
  ]);
  return [
    "# Auditing large models from the command line",
    "",
    `${describeMachine()}, onnxruntime-node ${installedVersion("onnxruntime-node")}.`,
    peerVersion === null
      ? "The peer is absent: Python has no onnx on this machine."
      : `The peer is Python with ${peerVersion}: \`onnx.load\`, \`shape_inference.infer_shapes\`, \`checker.check_model\`.`,
    `${runs} rounds, every program once in each; median (least to most). Files are in the page cache.`,
    `Before the rounds: ${loads.join(", ")}.`,
    "",
    "The models are bottleneck blocks of 1x1, grouped 3x3 and 1x1 convolutions: 33 of them, as in ResNeXt-101",
    "(100 convolutions), or 230 (691 convolutions, marked deep), each at three widths: same nodes, same number of",
    "weights, other sizes. An audit's time goes by the nodes, the peer's by the bytes. MB of 10^6 bytes; the memory",
    "is the most a process ever held resident.",
    "",
    markdownTable(["program", "model", "file, MB", "wall time, s", "peak memory, MB"], rows),
    "",
    "## Targets",
    "",
    markdownTable(["target", "reached", "met"], targets(subjects)),
    "",
  ].join("\n");
}

/** Each target with what was reached, from the medians. */
function targets(subjects: readonly Subject[]): string[][] {
  const find = (tool: Subject["tool"], model: string) =>
    subjects.find((subject) => subject.tool === tool && subject.model === model);
  return subjects
    .filter(
      ({ tool, model, bytes }) => tool === "groupconv" && bytes > 0 && !model.startsWith(TINY),
    )
    .flatMap((ours) => {
      const tiny = find("groupconv", ours.model.replace(/^[^,]+/, TINY))!;
      const peer = find("onnx", ours.model);
      const rows: string[][] = [];
      if (peer) {
        const faster = secondsOf(peer).median / secondsOf(ours).median;
        const smaller = megabytesOf(peer).median / megabytesOf(ours).median;
        rows.push(
          atLeast(
            `${ours.model}: ${TIMES_FASTER} times faster than the peer`,
            faster,
            TIMES_FASTER,
          ),
        );
        rows.push(
          atLeast(
            `${ours.model}: ${TIMES_LESS_MEMORY} times less memory than the peer`,
            smaller,
            TIMES_LESS_MEMORY,
          ),
        );
      }
      const slower = secondsOf(ours).median / secondsOf(tiny).median;
      const text = `${ours.model}: at most ${TIMES_TINY} times the time of tiny weights`;
      rows.push([text, slower.toFixed(2), slower <= TIMES_TINY ? "yes" : "no"]);
      return rows;
    });
}

function atLeast(text: string, reached: number, wanted: number): string[] {
  return [text, reached.toFixed(1), reached >= wanted ? "yes" : "no"];
}

function secondsOf({ runs }: Subject): Spread {
  return spreadOf(runs.map(({ seconds }) => seconds));
}

function megabytesOf({ runs }: Subject): Spread {
  return spreadOf(runs.map(({ peakMegabytes }) => peakMegabytes));
}
