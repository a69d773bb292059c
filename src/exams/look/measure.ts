import type { Convolution } from "../../analysis/index.js";
import type { Model, Value } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { GraphBuilder } from "../../ops/index.js";
import { Session } from "../../runtime/index.js";
import { range } from "../../util/math.js";
import { batchSizeOf, type ExamData, samplesIn } from "../exam-data.js";
import { GridTaps, type SampledGrid } from "./expose-grid.js";
import { Follower } from "./follower.js";
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
  readonly grid: SampledGrid;
  /** Whether halves of the samples are summed up by themselves, too. */
  readonly isHalved: boolean;
  /** Whether what stands behind norm and activation is computed of what was read of the output, and not read itself. */
  readonly followsOutput: boolean;
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

/** Runs the data through the network once, and sums up the channels of these layers over all of them. */
export async function measurePass(
  original: Model,
  subjects: readonly Subject[],
  data: ExamData,
  { reducer, onBatch, onLayer }: PassOptions,
): Promise<void> {
  const exposed = exposeLayers(original, subjects, data);
  const { layers } = exposed;
  await runBatches(exposed, data, reducer, onBatch);
  // One layer after the other is summed up in the same memory: new pages would cost more than filling them.
  const widest = subjects.reduce((most, { shape }) => Math.max(most, shape[1]), 0);
  const [first, second] = range(2).map(() => new Float64Array(triangleSize(widest)));
  for (const { subject, output, after } of layers) {
    const [own, following] = await output.finish(reducer, [first, second]);
    const [read] = after ? await after.finish(reducer, [second]) : [];
    await onLayer({ subject, output: own, after: following ?? read ?? null });
  }
}

interface ExposedLayer {
  readonly subject: Subject;
  readonly output: Probe;
  /** Null where there is nothing behind the output, or its probe computes it. */
  readonly after: Probe | null;
}

interface Exposed {
  /** A copy of the network that gives what is looked at and computes no more. */
  readonly model: Model;
  /** Where in its values is looked. */
  readonly taps: GridTaps;
  readonly layers: readonly ExposedLayer[];
}

export function exposeLayers(
  original: Model,
  subjects: readonly Subject[],
  { summary, batchCount }: Pick<ExamData, "summary" | "batchCount">,
): Exposed {
  const model = copyModel(original);
  model.graph.outputs.length = 0; // what is behind the last layer of the pass is not computed
  const hasFullBatches = summary.samples % batchSizeOf(summary) === 0;
  const taps = new GridTaps(new GraphBuilder(model.graph), model.opset, hasFullBatches);
  const probe = (value: Value, subject: Subject, follower: Follower | null = null): Probe => {
    const { shape, grid, isHalved } = subject;
    const [samples, channels] = shape;
    const { name } = taps.expose(realValue(model, value), channels, grid);
    const seen = [samples, channels, ...grid.counts];
    return new Probe(name, seen, { batchCount, isHalved, follower });
  };
  // Of the nodes that nobody reads the runtime takes the last one first, and whatever it needs before it. The
  // first layer's therefore come last: each layer is read as soon as it is there, and its memory is free again.
  const layers = subjects.toReversed().map((subject) => {
    const { output, after, way } = subject.taps;
    if (subject.followsOutput) {
      const follower = new Follower(way, output, subject.shape.length, model.opset);
      return { subject, output: probe(output, subject, follower), after: null };
    }
    const ofAfter = after && probe(after, subject);
    return { subject, output: probe(output, subject), after: ofAfter };
  });
  return { model, taps, layers: layers.reverse() };
}

async function runBatches(
  { model, taps, layers }: Exposed,
  data: ExamData,
  reducer: Reducer,
  onBatch: () => Promise<void>,
): Promise<void> {
  const probes = layers.flatMap(({ output, after }) => (after ? [output, after] : [output]));
  const batchSize = batchSizeOf(data.summary);
  const session = await Session.create(model);
  try {
    for (let index = 0; index < data.batchCount; index++) {
      const places = taps.feeds(index * batchSize, samplesIn(data, index));
      const results = await session.run({ ...(await data.batch(index)), ...places });
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
