import type { Model, Value } from "../graph/index.js";
import type {
  ConvShape,
  Evidence,
  KernelPath,
  Machine,
  PathPrediction,
  Target,
} from "../groups/index.js";
import { convInputs } from "../ops/index.js";
import { constantValues } from "./constants.js";
import type { Convolution } from "./convolution.js";
import { ortCpuSurroundings } from "./ort-cpu-surroundings.js";

/** Which family of kernels runs a convolution on a target; not a time. */
export interface FastPath {
  readonly path: KernelPath;
  /** Why, in one sentence. */
  readonly reason: string;
  readonly evidence: Evidence;
  /** Whether the runtime's own optimised graph agrees; null when it was not asked or does not show it. */
  readonly confirmed: boolean | null;
}

export interface FastPathOptions {
  /** Channels in a block of the runtime's blocked layout on this machine; null or left out when unknown. */
  readonly blockSize?: number | null;
}

/**
 * Predicts the kernel family of each convolution on a target, from its shape and from what is around it
 * in the model. Reads no weights and needs no shapes but the weights' own.
 */
export function predictFastPaths(
  model: Model,
  convolutions: readonly Convolution[],
  target: Target,
  options: FastPathOptions = {},
): ReadonlyMap<Convolution, FastPath> {
  const constants = constantValues(model);
  const machine: Machine = { blockSize: options.blockSize ?? undefined };
  const predict = (convolution: Convolution) => {
    const shape = convShape(convolution, constants);
    const decided =
      brokenLayer(convolution) ??
      (target.id === "ort-cpu" ? ortCpuSurroundings(convolution, shape) : null);
    return decided ?? target.predict(shape, machine);
  };
  return new Map(
    convolutions.map((convolution) => [convolution, { ...predict(convolution), confirmed: null }]),
  );
}

function convShape(convolution: Convolution, constants: ReadonlySet<Value>): ConvShape {
  const { node, op } = convolution;
  const at = convInputs(node);
  const parameters = [node.inputs[at.weight], node.inputs[at.bias]];
  return {
    op: op === "ConvTranspose" ? "ConvTranspose" : "Conv",
    inChannels: convolution.weightInChannels,
    outChannels: convolution.outChannels,
    groups: convolution.groups,
    kernel: convolution.kernel,
    strides: convolution.strides,
    dilations: convolution.dilations,
    constantWeights: parameters.every((value) => !value || constants.has(value)),
  };
}

const SPECIFICATION: Evidence = {
  level: "specification",
  source: "https://onnx.ai/onnx/operators/onnx__Conv.html",
};

/** The data has other channels than the weight was made for: no runtime can run it. */
function brokenLayer({ inChannels, weightInChannels, groups }: Convolution): PathPrediction | null {
  if (inChannels === weightInChannels) return null;
  return {
    path: "unsupported",
    reason: `inChannels=${inChannels} of the data is not ${weightInChannels}, what the weight has for groups=${groups}`,
    evidence: SPECIFICATION,
  };
}
