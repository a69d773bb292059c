import { z } from "zod";
import { FormatError } from "../util/errors.js";
import type { Trace, TracedNode } from "./trace.js";

const shapes = z.array(z.record(z.string(), z.array(z.number())));
const bytes = z.coerce.number();

const eventSchema = z.object({
  cat: z.string(),
  name: z.string(),
  ts: z.number(),
  dur: z.number(),
  args: z
    .object({
      op_name: z.string(),
      provider: z.string(),
      input_type_shape: shapes,
      output_type_shape: shapes,
      activation_size: bytes,
      output_size: bytes,
    })
    .partial(),
});

type TraceEvent = z.infer<typeof eventSchema>;

const KERNEL = "_kernel_time";
/** Runs the nodes of a graph: of the model, and of a body in each pass. */
const EXECUTOR = "SequentialExecutor::Execute";
/** The profiler cuts off what is under a microsecond: half of one on average. */
const CUT_OFF_US = 0.5;

export interface ParseTraceOptions {
  /** Runs at the start that are left out. Defaults to none. */
  readonly warmUps?: number;
  /** What the profiler itself takes of a node's time, in ms: taken off again. Defaults to 0. */
  readonly profilerMs?: number;
}

/**
 * Reads the JSON that ONNX Runtime's profiler writes. Its times are cut to whole microseconds; half of one
 * is added to each, so that many small nodes sum up right.
 *
 * @throws FormatError when it is no such trace, or has no run after the warm-up.
 */
export function parseTrace(
  text: string,
  { warmUps = 0, profilerMs = 0 }: ParseTraceOptions = {},
): Trace {
  const events = readEvents(text);
  const runs = events.filter(({ name }) => name === "model_run").sort((a, b) => a.ts - b.ts);
  const counted = runs.slice(warmUps);
  if (counted.length === 0)
    throw new FormatError(`profile: runs=${runs.length} must be more than warmUps=${warmUps}`);
  const spans = events
    .filter((event) => isKernel(event) || event.name === EXECUTOR)
    .reverse() // they are written as they end: of two alike the later one is around the other
    .sort((a, b) => a.ts - b.ts || b.dur - a.dur);

  const nodes = new Map<string, { first: TraceEvent; ms: number[] }>();
  const wholeMs: number[] = [];
  for (const [run, span] of counted.entries()) {
    const inside = spans.filter((event) => within(span, event));
    for (const { event, ownMs } of withoutBodies(inside)) {
      if (event.name === EXECUTOR) continue;
      let node = nodes.get(event.name);
      if (!node) {
        node = { first: event, ms: Array(counted.length).fill(0) };
        nodes.set(event.name, node);
      }
      node.ms[run] += Math.max(0, ownMs - profilerMs); // the body of a loop runs several times
    }
    const executors = inside.filter(({ name }) => name === EXECUTOR);
    const longest = executors.reduce((most, { dur }) => Math.max(most, dur), 0); // each pass of a loop has one
    wholeMs.push((longest || span.dur) / 1000);
  }
  return { nodes: [...nodes.values()].map(({ first, ms }) => tracedNode(first, ms)), wholeMs };
}

function readEvents(text: string): TraceEvent[] {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new FormatError("profile: the runtime's trace is no JSON", { cause });
  }
  const list = z.array(z.unknown()).safeParse(json);
  if (!list.success) throw new FormatError("profile: the runtime's trace is no list of events");
  return list.data.flatMap((item) => {
    const event = eventSchema.safeParse(item); // marks of other kinds have no duration
    return event.success ? [event.data] : [];
  });
}

function isKernel({ cat, name }: TraceEvent): boolean {
  return cat === "Node" && name.endsWith(KERNEL);
}

function within(span: TraceEvent, { ts, dur }: TraceEvent): boolean {
  return ts >= span.ts && ts + dur <= span.ts + span.dur + 1; // each number is rounded down
}

/**
 * A node with bodies (If, Loop, Scan) spans what runs them, and that the nodes within. Each node keeps its own time;
 * what lies between the nodes of a body, most of it the profiler's, is nobody's, as between those of the model.
 */
function withoutBodies(events: readonly TraceEvent[]): { event: TraceEvent; ownMs: number }[] {
  const open: { end: number; own: { event: TraceEvent; ownMs: number } }[] = [];
  return events.map((event) => {
    const end = event.ts + event.dur;
    while (open.length > 0 && (open.at(-1)!.end < end || open.at(-1)!.end <= event.ts)) open.pop();
    const own = { event, ownMs: (event.dur + CUT_OFF_US) / 1000 };
    const around = open.at(-1);
    if (around) around.own.ownMs -= own.ownMs;
    open.push({ end, own });
    return own;
  });
}

function tracedNode({ name, args }: TraceEvent, ms: readonly number[]): TracedNode {
  const { activation_size = 0, output_size = 0 } = args;
  return {
    name: name.slice(0, -KERNEL.length),
    op: args.op_name ?? "",
    provider: args.provider ?? "",
    inputShapes: listed(args.input_type_shape),
    outputShapes: listed(args.output_type_shape),
    dataBytes: activation_size + output_size,
    ms,
  };
}

function listed(list: z.infer<typeof shapes> = []): number[][] {
  return list.flatMap((typed) => Object.values(typed));
}
