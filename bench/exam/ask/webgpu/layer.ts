import type { Model } from "../../../../src/graph/index.js";
import { GraphBuilder, newModel } from "../../../../src/ops/index.js";
import { Session, type Tensors } from "../../../../src/runtime/index.js";
import { Rng, type Tensor, tensor } from "../../../../src/tensor/index.js";

/** One convolution to run. Channels are those of one group; every axis has the same numbers. */
export interface Layer {
  readonly op: "Conv" | "ConvTranspose";
  readonly dtype: "float32" | "float16";
  readonly batch: number;
  readonly groups: number;
  readonly inPerGroup: number;
  readonly outPerGroup: number;
  readonly axes: number;
  /** Pixels on a side. */
  readonly size: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pad: number;
  /** With a bias and a Relu behind, which runtimes fuse. */
  readonly activated: boolean;
  /** Weights are an input of the model, not constants of it. */
  readonly givenWeights: boolean;
}

export const PLAIN: Layer = {
  op: "Conv",
  dtype: "float32",
  batch: 1,
  groups: 2,
  inPerGroup: 3,
  outPerGroup: 4,
  axes: 2,
  size: 5,
  kernel: 3,
  stride: 1,
  dilation: 1,
  pad: 1,
  activated: false,
  givenWeights: false,
};

/** A layer's model, what it reads, and what the processor makes of it. */
export interface Patient {
  readonly model: Model;
  readonly feeds: Tensors;
  readonly expected: Tensor;
}

/** Data and weights are noise: a channel in another's place shows. */
export async function patientOf(layer: Layer): Promise<Patient> {
  const { op, dtype, batch, groups, inPerGroup, outPerGroup, axes, kernel } = layer;
  const rng = new Rng(0);
  const noise = (shape: readonly number[]) => tensor(rng.normal(shape).data, shape, dtype);
  const each = (n: number) => Array<number>(axes).fill(n);
  const [inChannels, outChannels] = [groups * inPerGroup, groups * outPerGroup];
  const x = noise([batch, inChannels, ...each(layer.size)]);
  const w = noise(
    op === "Conv"
      ? [outChannels, inPerGroup, ...each(kernel)]
      : [inChannels, outPerGroup, ...each(kernel)],
  );
  const model = newModel("layer");
  const b = new GraphBuilder(model.graph);
  const inputs = [b.input("x", x.shape, dtype)];
  inputs.push(layer.givenWeights ? b.input("w", w.shape, dtype) : b.constant(w));
  if (layer.activated) inputs.push(b.constant(noise([outChannels])));
  const y = b.op(op, inputs, {
    kernel_shape: each(kernel), // which versions up to 1.19 ask for
    group: groups,
    strides: each(layer.stride),
    dilations: each(layer.dilation),
    pads: [...each(layer.pad), ...each(layer.pad)],
  });
  b.output(layer.activated ? b.op("Relu", [y]) : y, "y", {
    shape: [batch, outChannels, ...each(1).map(() => null)],
    dtype,
  });
  const feeds: Tensors = layer.givenWeights ? { x, w } : { x };
  const session = await Session.create(model);
  const { y: expected } = await session.run(feeds);
  await session.release();
  return { model, feeds, expected };
}
