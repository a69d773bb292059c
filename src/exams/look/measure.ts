import type { Convolution } from "../../analysis/index.js";
import type { Model, Value } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { GraphBuilder } from "../../ops/index.js";
import { Session } from "../../runtime/index.js";
import { range } from "../../util/math.js";
import type { ExamData } from "../exam-data.js";
import { exposeGrid, shapeOfGrid } from "./grid.js";
import { type Measured, Probe } from "./probe.js";
import type { Reducer } from "./statistics.js";
import type { Taps } from "./taps.js";
import { triangleSize } from "./triangle.js";

/** A convolution to be looked at, and where. */
export interface Subject {
  readonly convolution: Convolution;
  readonly taps: Taps;
  /** Of both values in a full batch: `[N, C, ...size]`. */
  readonly shape: readonly number[];
  /** Every so many positions of each axis are looked at. */
  readonly step: number;
}

/** What a layer's values came to; the moments are good until the next layer is measured. */
export interface MeasuredLayer {
  readonly subject: Subject;
  readonly output: Measured;
  readonly after: Measured | null;
}

export interface PassOptions {
  readonly reducer: Reducer;
  /** Called after every batch. */
  readonly onBatch: () => Promise<void>;
  /** Called with one layer after the other, once all batches are through. */
  readonly onLayer: (layer: MeasuredLayer) => Promise<void>;
}

/** Behind a convolution in blocks of channels, the runtime's CPU computes these in blocks, too. */
const BLOCKED = ["BatchNormalization", "Relu", "Sigmoid", "Tanh"];

/** Runs the data through the network once, and sums up the channels of these layers over all of them. */
export async function measurePass(
  original: Model,
  subjects: readonly Subject[],
  data: ExamData,
  { reducer, onBatch, onLayer }: PassOptions,
): Promise<void> {
  const { model, layers } = exposeLayers(original, subjects, data.batchCount);
  const probes = layers.flatMap(({ output, after }) => (after ? [output, after] : [output]));
  await runBatches(model, probes, data, reducer, onBatch);
  // One layer after the other is summed up in the same memory: new pages would cost more than filling them.
  const widest = subjects.reduce((most, { shape }) => Math.max(most, shape[1]), 0);
  const [first, second] = range(2).map(() => new Float64Array(triangleSize(widest)));
  for (const { subject, output, after } of layers)
    await onLayer({
      subject,
      output: await output.finish(reducer, first),
      after: after && (await after.finish(reducer, second)),
    });
}

interface ExposedLayer {
  readonly subject: Subject;
  readonly output: Probe;
  readonly after: Probe | null;
}

/** A copy of the network that gives what is looked at and computes no more. */
export function exposeLayers(
  original: Model,
  subjects: readonly Subject[],
  batchCount: number,
): { model: Model; layers: ExposedLayer[] } {
  const model = copyModel(original);
  model.graph.outputs.length = 0; // what is behind the last layer of the pass is not computed
  const g = new GraphBuilder(model.graph);
  const { opset } = model;
  const probe = (value: Value, { shape, step }: Subject, blocked: boolean): Probe => {
    const seen = exposeGrid(g, realValue(model, value), shape, step, { blocked, opset });
    return new Probe(seen.name, shapeOfGrid(shape, step), batchCount);
  };
  // Of the nodes that nobody reads the runtime takes the last one first, and whatever it needs before it. The
  // first layer's therefore come last: each layer is read as soon as it is there, and its memory is free again.
  const layers = subjects.toReversed().map((subject) => {
    const { output, after, through } = subject.taps;
    const isConv = subject.convolution.op === "Conv";
    const staysBlocked = through.every((op) => BLOCKED.includes(op));
    const ofAfter = after && probe(after, subject, isConv && staysBlocked);
    return { subject, output: probe(output, subject, isConv), after: ofAfter };
  });
  return { model, layers: layers.reverse() };
}

async function runBatches(
  model: Model,
  probes: readonly Probe[],
  data: ExamData,
  reducer: Reducer,
  onBatch: () => Promise<void>,
): Promise<void> {
  const session = await Session.create(model);
  try {
    for (let index = 0; index < data.batchCount; index++) {
      const results = await session.run(await data.batch(index));
      for (const probe of probes) await probe.take(results[probe.name], reducer);
      await onBatch();
    }
  } finally {
    await session.release();
  }
}

/** The copy's value; as real numbers where a quantised convolution writes it. */
function realValue({ graph }: Model, original: Value): Value {
  const value = graph.find(original.name)!;
  const { producer } = value;
  if (producer?.op !== "QLinearConv") return value;
  const [, , , , , , scale, zeroPoint] = producer.inputs;
  return graph.addNode("DequantizeLinear", [value, scale, zeroPoint]).outputs[0]!;
}
