import { type ConvShape, perGroup } from "./target.js";

/** How many outputs, side by side, a thread of the shader for groups may compute at once. */
const VECTORS = [4, 2, 1];

/** With fewer outputs per group it computes one at a time. */
const LEAST_OUTPUTS = 4;

/**
 * Why ONNX Runtime Web's WebGPU provider computes something else than a 1-d or 2-d convolution with valid groups, in
 * the layout it prefers, channels last. Null where it computes the right thing.
 */
export function webgpuFault(conv: ConvShape): string | null {
  if (conv.groups === 1 || conv.kernel.length > 2) return null;
  return conv.op === "ConvTranspose" ? transposedFault(conv) : convFault(conv);
}

/** Vectors divide the outputs of all groups together, and each reads the inputs of its first output's group. */
function convFault(conv: ConvShape): string | null {
  const { out } = perGroup(conv);
  const vector = VECTORS.find((n) => conv.outChannels % n === 0)!;
  if (out < LEAST_OUTPUTS || out % vector === 0) return null;
  return `${out} outputs per group are no multiple of the ${vector} that it computes at once, from the inputs of one group`;
}

/** Inputs are read as vectors, and the first weight of a group is looked for as if they were not. */
function transposedFault(conv: ConvShape): string | null {
  const { in: inputs, out } = perGroup(conv);
  if (out !== 1 || inputs % 2 !== 0) return null;
  return `with 1 output and ${inputs} inputs per group, an even number, all groups but the first read the wrong weights`;
}
