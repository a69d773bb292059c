import { product, sum } from "../../util/math.js";
import { groupsOf, isQdq, readsIntegers } from "./kind.js";
import type { Configuration, ElementType } from "./section.js";

const BYTES: Readonly<Record<ElementType, number>> = { float32: 4, float16: 2, uint8: 1, int8: 1 };
/** Floats of 16 bits are turned into these by builds without kernels of their own; sums of integers are as long. */
const WORD = 4;
/** Copies of what is read and written: ours, the runtime's, in other layouts, padded. */
const DATA_COPIES = 5;

/**
 * What the models of all counts of a configuration take together. For every count: weights, which the runtime
 * keeps in its own order beside the model's; data; and the pixels under each kernel, laid out for a matrix
 * product. Integers are summed up in an output of their own.
 */
export function contextBytes(configuration: Configuration): number {
  const { op, inShape, outShape, kernel, dataType, weight } = configuration;
  const [positions, channels] =
    op === "ConvTranspose" ? [inShape, outShape[1]] : [outShape, inShape[1]];
  const work = readsIntegers(configuration) ? BYTES[dataType] : WORD;
  const [inBytes, outBytes] = endBytes(configuration);
  const data = DATA_COPIES * (inBytes * product(inShape) + outBytes * product(outShape));
  const sums = readsIntegers(configuration) ? WORD * product(outShape) : 0;
  const weights = inShape[1] * outShape[1] * product(kernel) * (BYTES[weight.dtype] + work);
  const columns = channels * product(kernel) * product(positions.slice(2)) * work;
  return sum(groupsOf(configuration).map((groups) => (weights + columns) / groups + data + sums));
}

/** Bytes of an element of the input and of the output. */
function endBytes(configuration: Configuration): [number, number] {
  if (isQdq(configuration) || !readsIntegers(configuration)) return [WORD, WORD];
  const bytes = BYTES[configuration.dataType];
  return [bytes, configuration.op === "ConvInteger" ? WORD : bytes];
}
