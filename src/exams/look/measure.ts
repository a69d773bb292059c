import type { Convolution } from "../../analysis/index.js";
import type { Model, Value } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { Session, type Tensors } from "../../runtime/index.js";
import type { ExamData } from "../exam-data.js";
import { Moments } from "./moments.js";
import { ShiftedMoments } from "./shifted-moments.js";
import { type StatisticsPorts, StatisticsWriter } from "./statistics-writer.js";
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
  readonly ports: StatisticsPorts;
}

/**
 * Runs the data through the network once, and sums up the channels of these layers over all of them.
 *
 * @param onBatch Called after every batch.
 */
export async function measurePass(
  original: Model,
  subjects: readonly Subject[],
  data: ExamData,
  onBatch: () => Promise<void>,
): Promise<MeasuredLayer[]> {
  const model = copyModel(original);
  model.graph.outputs.length = 0; // what is behind the last layer of the pass is not computed
  const writer = new StatisticsWriter(model.graph, model.opset);
  const probe = (value: Value, { convolution, shape, rowStep }: Subject): Probe => {
    const ports = writer.append(realValue(model, value), shape, rowStep);
    const shifted = ports.shifted ? new ShiftedMoments() : null;
    return { ports, moments: new Moments(convolution.outChannels), shifted };
  };
  const layers = subjects.map((subject) => {
    const { output, after } = subject.taps;
    return { subject, output: probe(output, subject), after: after && probe(after, subject) };
  });
  const probes = layers.flatMap(({ output, after }) => (after ? [output, after] : [output]));
  const session = await Session.create(model);
  try {
    for (let index = 0; index < data.batchCount; index++) {
      const results = await session.run(await data.batch(index));
      for (const each of probes) take(each, results);
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

function take({ ports, moments, shifted }: Probe, results: Tensors): void {
  const numbers = (name: string) => results[name].data as Float32Array;
  moments.add({
    count: Number(results[ports.size].data[0]) / moments.channels,
    mean: numbers(ports.mean),
    residual: numbers(ports.residual),
    products: numbers(ports.products),
  });
  if (ports.shifted && shifted)
    shifted.add(numbers(ports.shifted.products), numbers(ports.shifted.squares));
}
