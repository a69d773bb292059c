import type { Convolution } from "../../analysis/index.js";
import type { Model, Value } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { GraphBuilder } from "../../ops/index.js";
import { Session } from "../../runtime/index.js";
import type { ExamData } from "../exam-data.js";
import { Collector } from "./collector.js";
import { Moments } from "./moments.js";
import { exposeRows, shapeOfRows } from "./rows.js";
import { ShiftedMoments } from "./shifted-moments.js";
import { isShifted, type Reducer } from "./statistics.js";
import type { Taps } from "./taps.js";

/** A convolution to be looked at, and where. */
export interface Subject {
  readonly convolution: Convolution;
  readonly taps: Taps;
  /** Of both values in a full batch: `[N, C, ...size]`. */
  readonly shape: readonly number[];
  /** Every so many rows are looked at. */
  readonly rowStep: number;
}

/** What was measured of one value. */
export interface Measured {
  readonly moments: Moments;
  /** Null where there was no picture with halves. */
  readonly shifted: ShiftedMoments | null;
}

export interface MeasuredLayer {
  readonly subject: Subject;
  readonly output: Measured;
  readonly after: Measured | null;
}

interface Probe extends Measured {
  readonly collector: Collector;
}

/** Behind a convolution in blocks of channels, the runtime's CPU computes these in blocks, too. */
const BLOCKED = ["BatchNormalization", "Relu", "Sigmoid", "Tanh"];

/**
 * Runs the data through the network once, and sums up the channels of these layers over all of them.
 *
 * @param onBatch Called after every batch.
 */
export async function measurePass(
  original: Model,
  subjects: readonly Subject[],
  data: ExamData,
  reducer: Reducer,
  onBatch: () => Promise<void>,
): Promise<MeasuredLayer[]> {
  const model = copyModel(original);
  model.graph.outputs.length = 0; // what is behind the last layer of the pass is not computed
  const g = new GraphBuilder(model.graph);
  const probe = (value: Value, subject: Subject, blocked: boolean): Probe => {
    const { convolution, shape, rowStep } = subject;
    const seen = exposeRows(g, realValue(model, value), shape, rowStep, blocked);
    const collector = new Collector(seen.name, shapeOfRows(shape, rowStep), data.batchCount);
    const shifted = isShifted(collector.channels, collector.positions);
    return {
      collector,
      moments: new Moments(convolution.outChannels),
      shifted: shifted ? new ShiftedMoments() : null,
    };
  };
  const layers = subjects.map((subject) => {
    const { output, after, through } = subject.taps;
    const isConv = subject.convolution.op === "Conv";
    const staysBlocked = through.every((op) => BLOCKED.includes(op));
    return {
      subject,
      output: probe(output, subject, isConv),
      after: after && probe(after, subject, isConv && staysBlocked),
    };
  });
  const probes = layers.flatMap(({ output, after }) => (after ? [output, after] : [output]));
  const session = await Session.create(model);
  const floats = new Set(
    session.outputs.filter(({ dtype }) => dtype === "float32").map(({ name }) => name),
  );
  try {
    for (let index = 0; index < data.batchCount; index++) {
      const feeds = await data.batch(index);
      const full = Object.entries(data.inputShapes).every(
        ([name, [samples]]) => feeds[name].shape[0] === samples,
      );
      const room = probes.map(({ collector }) => [
        collector.name,
        full && floats.has(collector.name) ? collector.room() : null,
      ]);
      const results = await session.run(feeds, Object.fromEntries(room));
      for (const each of probes) {
        each.collector.take(results[each.collector.name]);
        if (each.collector.isFull || index === data.batchCount - 1) await reduce(each, reducer);
      }
      await onBatch();
    }
  } finally {
    await session.release();
  }
  return layers;
}

/** The copy's value; as real numbers where a quantised convolution writes it. */
function realValue({ graph }: Model, original: Value): Value {
  const value = graph.find(original.name)!;
  const { producer } = value;
  if (producer?.op !== "QLinearConv") return value;
  const [, , , , , , scale, zeroPoint] = producer.inputs;
  return graph.addNode("DequantizeLinear", [value, scale, zeroPoint]).outputs[0]!;
}

async function reduce({ collector, moments, shifted }: Probe, reducer: Reducer): Promise<void> {
  const statistics = await reducer.reduce(collector.empty());
  moments.add(statistics);
  if (statistics.shifted) shifted?.add(statistics.shifted);
}
