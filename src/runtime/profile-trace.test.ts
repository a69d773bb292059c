import { describe, expect, it } from "vitest";
import { FormatError } from "../util/errors.js";
import { parseTrace } from "./profile-trace.js";
import { nodeSumMs } from "./trace.js";

const event = (cat: string, name: string, ts: number, dur: number, args = {}) => ({
  cat,
  pid: 1,
  tid: 1,
  ph: "X",
  name,
  ts,
  dur,
  args,
});
const kernel = (name: string, ts: number, dur: number, op = "Relu") =>
  event("Node", `${name}_kernel_time`, ts, dur, {
    op_name: op,
    provider: "CPUExecutionProvider",
    input_type_shape: [{ float: [1, 8] }, { float: [8, 4] }],
    output_type_shape: [{ float: [1, 4] }],
    activation_size: "32",
    parameter_size: "128",
    output_size: "16",
  });
const run = (at: number, nodes: object[], whole: number) => [
  ...nodes,
  event("Session", "SequentialExecutor::Execute", at + 1, whole),
  event("Session", "model_run", at, whole + 2),
];
const text = (...events: object[]) =>
  JSON.stringify([
    event("Session", "session_initialization", 0, 50),
    ...events,
    { cat: "Node", name: "mark", ph: "M" },
  ]);

describe("parseTrace", () => {
  it("takes as many passes of a loop as there are", () => {
    const passes = Array.from({ length: 200_000 }, (_, i) =>
      event("Session", "SequentialExecutor::Execute", 10 + i, 1),
    );
    const { wholeMs } = parseTrace(JSON.stringify(run(0, passes, 300_000)));
    expect(wholeMs).toEqual([300]);
  });

  it("gives each node its time in each run after the warm-up", () => {
    const trace = parseTrace(
      text(
        ...run(100, [kernel("a", 102, 500), kernel("b", 700, 90)], 700),
        ...run(1000, [kernel("a", 1002, 10), kernel("b", 1012, 20)], 40),
        ...run(2000, [kernel("b", 2012, 22), kernel("a", 2002, 10)], 44), // in whatever order
      ),
      { warmUps: 1 },
    );
    expect(trace.wholeMs).toEqual([0.04, 0.044]);
    // each of the times, cut to whole microseconds, is half of one longer on average
    expect(trace.nodes).toEqual([
      {
        name: "a",
        op: "Relu",
        provider: "CPUExecutionProvider",
        inputShapes: [
          [1, 8],
          [8, 4],
        ],
        outputShapes: [[1, 4]],
        dataBytes: 32 + 16,
        ms: [0.0105, 0.0105],
      },
      expect.objectContaining({ name: "b", ms: [0.0205, 0.0225] }),
    ]);
    expect(nodeSumMs(trace)[0]).toBeCloseTo(0.031, 12);
    expect(nodeSumMs(trace)[1]).toBeCloseTo(0.033, 12);
  });

  it("counts a node within a body once", () => {
    // Loop 100 us, of which its body's Mul takes 30 + 40; then a node that starts as the loop ends
    const nodes = [
      kernel("loop", 10, 100, "Loop"),
      kernel("body", 20, 30),
      kernel("body", 60, 40),
      kernel("next", 110, 5),
      kernel("nothing", 115, 0),
    ];
    const trace = parseTrace(text(...run(5, nodes, 112)));
    const ms = Object.fromEntries(trace.nodes.map(({ name, ms }) => [name, ms[0]]));
    expect(ms.loop).toBeCloseTo(0.1005 - 0.0305 - 0.0405, 12);
    expect(ms.body).toBeCloseTo(0.071, 12);
    expect(ms.next).toBeCloseTo(0.0055, 12);
    expect(nodeSumMs(trace)[0]).toBeCloseTo(0.1 + 0.005 + 3 * 0.0005, 12);
  });

  it("charges a node with bodies nothing that lies between their nodes", () => {
    // two passes of 40 and 50 us, the second with a branch; as the runtime writes them: what ends first
    const pass = (ts: number, dur: number) =>
      event("Session", "SequentialExecutor::Execute", ts, dur);
    const nodes = [
      kernel("body", 20, 10),
      kernel("body", 45, 5),
      pass(15, 40),
      kernel("body", 65, 10),
      kernel("leaf", 82, 3),
      pass(80, 20), // as long as the branch, once both are cut to whole microseconds
      kernel("branch", 80, 20, "If"),
      pass(60, 50),
      kernel("loop", 10, 110, "Loop"),
    ];
    const trace = parseTrace(text(...run(5, nodes, 116)));
    const ms = Object.fromEntries(trace.nodes.map(({ name, ms }) => [name, ms[0]]));
    expect(ms.loop).toBeCloseTo(0.1105 - 0.0405 - 0.0505, 12);
    expect(ms.branch).toBeCloseTo(0.0205 - 0.0205, 12);
    expect(ms.leaf).toBeCloseTo(0.0035, 12);
    expect(ms.body).toBeCloseTo(0.0105 + 0.0055 + 0.0105, 12);
    expect(trace.wholeMs).toEqual([0.116]);
  });

  it("takes off what the profiler takes, of each time that a node runs, and never more than there is", () => {
    const nodes = [
      kernel("loop", 10, 100, "Loop"),
      kernel("body", 20, 30),
      kernel("body", 60, 40),
      kernel("nothing", 115, 0),
    ];
    const trace = parseTrace(text(...run(5, nodes, 112)), { profilerMs: 0.002 });
    const ms = Object.fromEntries(trace.nodes.map(({ name, ms }) => [name, ms[0]]));
    expect(ms.loop).toBeCloseTo(0.1005 - 0.0305 - 0.0405 - 0.002, 12);
    expect(ms.body).toBeCloseTo(0.071 - 2 * 0.002, 12);
    expect(ms.nothing).toBe(0);
  });

  it("takes the outer executor where bodies have their own", () => {
    const inner = event("Session", "SequentialExecutor::Execute", 20, 10);
    expect(parseTrace(text(...run(5, [inner, kernel("a", 10, 30)], 60))).wholeMs).toEqual([0.06]);
  });

  it("refuses what is no trace", () => {
    expect(() => parseTrace("[1,")).toThrow(FormatError);
    expect(() => parseTrace("{}")).toThrow("no list of events");
    expect(() => parseTrace(text(...run(5, [], 1)), { warmUps: 1 })).toThrow(
      "profile: runs=1 must be more than warmUps=1",
    );
  });
});
