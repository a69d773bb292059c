import { type Survey, survey } from "../../analysis/index.js";
import { gradients } from "../../autodiff/index.js";
import type { Model, Value } from "../../graph/index.js";
import { copyModel } from "../../onnx/index.js";
import { GraphBuilder, readIntegers } from "../../ops/index.js";
import { Session, type Tensors } from "../../runtime/index.js";
import { type ExamData, samplesIn } from "../exam-data.js";
import { appendGhosts, denseMagnitudes } from "./dense-kernels.js";
import {
  appendMagnitudes,
  type MagnitudePorts,
  MagnitudeSums,
  type RowReader,
} from "./magnitudes.js";
import { type GroupSizes, NormalisedRange } from "./normalised.js";
import { DenseSizes, PartDeviations, ShareRange } from "./row-readers.js";
import type { Subject } from "./subjects.js";
import { type Target, writeLoss } from "./target.js";

/** What was measured of one layer; parts are its groups. */
export interface HeardLayer {
  readonly subject: Subject;
  /** Gradients. */
  readonly output: HeardGroups;
  readonly outputShares: ShareRange;
  readonly weight: HeardGroups;
  readonly weightShares: ShareRange;
  /** Of the dense weight, `[groups, groups]`: those that write by those that are read. */
  readonly dense: HeardDense | null;
  /** Values. */
  readonly read: HeardGroups;
  readonly written: HeardGroups;
  readonly normalised: NormalisedRange;
}

interface HeardGroups {
  readonly sums: MagnitudeSums;
  readonly deviations: PartDeviations;
}

interface HeardDense {
  readonly sums: MagnitudeSums;
  readonly sizes: DenseSizes;
}

export interface Heard {
  readonly layers: readonly HeardLayer[];
  /** Gradients at inputs, by name. */
  readonly inputs: ReadonlyMap<string, MagnitudeSums>;
}

/** A sum and where a batch's share of it comes out. */
interface Probe {
  readonly sums: MagnitudeSums;
  readonly ports: MagnitudePorts;
  /** Gradients at weights are of a batch, which they are divided by and count for. */
  readonly isOfBatch: boolean;
}

interface Running {
  readonly session: Session;
  readonly probes: readonly Probe[];
  /** Shapes of the inputs that the gradients were written for. */
  readonly shapes: string;
}

/**
 * Runs the data through the network and back once, and sums up the gradients at these layers.
 *
 * @param inputs Names of the inputs whose gradients are wanted.
 * @param onBatch Called after every batch.
 */
export async function measurePass(
  surveyed: Survey,
  target: Target,
  subjects: readonly Subject[],
  inputs: readonly string[],
  data: ExamData,
  onBatch: () => Promise<void>,
): Promise<Heard> {
  const layers = subjects.map(newLayer);
  const heard: Heard = {
    layers,
    inputs: new Map(inputs.map((name) => [name, new MagnitudeSums(1)])),
  };
  let running = null as Running | null;
  try {
    for (let index = 0; index < data.batchCount; index++) {
      const batch = await data.batch(index);
      const samples = samplesIn(data, index);
      const shapes = printShapes(batch);
      if (running?.shapes !== shapes) {
        await running?.session.release();
        running = null;
        const fitting = await surveyAt(surveyed, batch);
        const { model, probes } = await writeListener(fitting, target, heard, batch, samples);
        running = { session: await Session.create(model), probes, shapes };
      }
      const results = await running.session.run(batch);
      for (const { sums, ports, isOfBatch } of running.probes)
        sums.add(results, ports, ...(isOfBatch ? [1 / samples, samples] : []));
      for (const layer of layers) layer.normalised.read(lastSizes(layer));
      await onBatch();
    }
  } finally {
    await running?.session.release();
  }
  return heard;
}

function newLayer(subject: Subject): HeardLayer {
  const { groups } = subject.convolution;
  const [outputShares, weightShares] = [new ShareRange(groups), new ShareRange(groups)];
  const ofGroups = (...readers: RowReader[]): HeardGroups => {
    const deviations = new PartDeviations(groups);
    return { sums: new MagnitudeSums(groups, [deviations, ...readers]), deviations };
  };
  const sizes = subject.isComparedWithDense ? new DenseSizes(groups) : null;
  return {
    subject,
    output: ofGroups(outputShares),
    outputShares,
    weight: ofGroups(weightShares),
    weightShares,
    dense: sizes && { sums: new MagnitudeSums(groups * groups, [sizes]), sizes },
    read: ofGroups(),
    written: ofGroups(),
    normalised: new NormalisedRange(groups),
  };
}

/** Of the batch that was added last. */
function lastSizes({ weight, output, read, written }: HeardLayer): GroupSizes {
  return {
    weight: weight.sums.lastRms(),
    output: output.sums.lastRms(),
    read: read.sums.lastRms(),
    written: written.sums.lastRms(),
  };
}

function printShapes(batch: Tensors): string {
  return Object.values(batch)
    .map(({ shape }) => shape.join())
    .join(";");
}

/** Gradients are written for one shape; the last batch may have another. */
async function surveyAt(full: Survey, batch: Tensors): Promise<Survey> {
  const isFull = Object.entries(batch).every(
    ([name, { shape }]) => full.options.inputShapes?.[name]?.join() === shape.join(),
  );
  if (isFull) return full;
  const inputShapes = Object.fromEntries(
    Object.entries(batch).map(([name, { shape }]) => [name, shape]),
  );
  return survey(full.model, { ...full.options, inputShapes });
}

/** A copy of the model that gives out nothing but the sizes of its gradients. */
async function writeListener(
  { model: original, shapes: known }: Survey,
  target: Target,
  { layers, inputs }: Heard,
  batch: Tensors,
  samples: number,
): Promise<{ model: Model; probes: Probe[] }> {
  const model = copyModel(original);
  const { graph, opset } = model;
  graph.outputs.length = 0;
  const own = ({ name }: { name: string }) => graph.find(name)!;
  const shapes = new Map<Value, readonly number[]>();
  for (const [value, shape] of known!)
    if (value.graph === original.graph) shapes.set(own(value), shape);
  for (const [name, { shape }] of Object.entries(batch)) shapes.set(own({ name }), shape);
  const options = { shapes, integers: await readIntegers(graph) };

  const g = new GraphBuilder(graph);
  const loss = writeLoss(g, opset, target, shapes, samples);
  const at = layers.map(({ subject: { convolution, weight } }) => ({
    x: own(convolution.x),
    y: own(convolution.y),
    weight: own(weight),
  }));
  const asked = [
    ...at.flatMap(({ y, weight }) => [y, weight]),
    ...[...inputs.keys()].map((name) => own({ name })),
  ];
  const found = gradients(model, loss, [...new Set(asked)], options);
  const probes: Probe[] = [];
  const probe = (
    sums: MagnitudeSums,
    value: Value,
    shape: readonly number[],
    axes: readonly number[],
    isOfBatch = false,
  ) => {
    const ports = appendMagnitudes(g, opset, value, shape, axes);
    probes.push({ sums, ports, isOfBatch });
  };
  for (const [i, { subject, output, weight, read, written }] of layers.entries()) {
    const { groups } = subject.convolution;
    probe(output.sums, found.get(at[i].y)!, [0, groups, -1], [2]);
    probe(weight.sums, found.get(at[i].weight)!, [groups, -1], [1], true);
    probe(read.sums, at[i].x, [0, groups, -1], [2]);
    probe(written.sums, at[i].y, [0, groups, -1], [2]);
  }
  for (const [name, sums] of inputs) probe(sums, found.get(own({ name }))!, [0, -1], [1]);
  const compared = layers.flatMap(({ subject, dense }, i) =>
    dense ? [{ subject, dense, node: at[i].y.producer!, dy: found.get(at[i].y)! }] : [],
  );
  const ghosts = appendGhosts(g, model, compared, options);
  for (const [i, { subject, dense }] of compared.entries())
    probe(dense.sums, ghosts[i], ...denseMagnitudes(subject), true);
  return { model, probes };
}
