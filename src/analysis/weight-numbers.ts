import { intAttribute, isOp, type Node, type Value } from "../graph/index.js";
import { convInputs } from "../ops/index.js";
import {
  dtypeInfo,
  isFloat,
  type LazyTensor,
  readFloat32,
  readFloat64,
  toFloat64,
} from "../tensor/index.js";
import { product } from "../util/math.js";
import { constantTensor } from "./constant-tensor.js";
import { type Convolution, constantBehind } from "./convolution.js";

/** The codes that stand for zero in a quantised weight: one for all, or one for each place along an axis. */
interface Zeros {
  readonly codes: Float64Array;
  readonly axis: number;
}

/** A convolution's constant weight, to be read as numbers that are zero where it multiplies by zero. */
export class WeightNumbers {
  /** The reader of a weight, or why it cannot be read, in words. Reads no more than the zeros of a quantised one. */
  static async of({ node, weight }: Convolution): Promise<WeightNumbers | string> {
    const tensor = weight && constantTensor(weight);
    if (!tensor) return "its weight is no constant";
    if (!isFloat(tensor.dtype) && !/^u?int/.test(tensor.dtype))
      return `its weight is ${tensor.dtype}`;
    const zeros = await zerosOf(node, tensor);
    return typeof zeros === "string" ? zeros : new WeightNumbers(tensor, zeros);
  }

  private constructor(
    readonly tensor: LazyTensor,
    readonly zeros: Zeros | null,
  ) {}

  /** Can a row of the first axis be had alone? */
  get hasRows(): boolean {
    return this.tensor.loadRange !== undefined && dtypeInfo(this.tensor.dtype).bits >= 8;
  }

  async row(index: number): Promise<Float64Array> {
    const { dtype, shape, byteLength } = this.tensor;
    const rowBytes = byteLength / shape[0];
    const bytes = await this.tensor.loadRange!(index * rowBytes, rowBytes);
    const size = product(shape.slice(1));
    return this.#shifted(toFloat64(dtype, bytes, size), index * size);
  }

  async all(): Promise<Float32Array | Float64Array> {
    const read = this.tensor.dtype === "float64" ? readFloat64 : readFloat32;
    return this.#shifted(await read(this.tensor), 0);
  }

  /** @param first Place of the first number in the whole weight. */
  #shifted<T extends Float32Array | Float64Array>(numbers: T, first: number): T {
    if (!this.zeros) return numbers;
    const { codes, axis } = this.zeros;
    const inner = product(this.tensor.shape.slice(axis + 1));
    return numbers.map(
      (code, i) => code - codes[Math.floor((first + i) / inner) % codes.length],
    ) as T;
  }
}

/** Null where zero is 0; a reason where nobody can say. */
async function zerosOf(node: Node, weight: LazyTensor): Promise<Zeros | string | null> {
  const at = convInputs(node);
  const dequantize = dequantizeBehind(node.inputs[at.weight] ?? null);
  const value = dequantize ? dequantize.inputs[2] : node.inputs[at.weightZero];
  if (!value) return null;
  const tensor = constantTensor(constantBehind(value) ?? value);
  if (!tensor) return "the zero of its quantised weight is computed";
  const axis = dequantize ? axisOf(dequantize, weight.shape.length) : 0;
  const size = product(tensor.shape);
  if (size !== 1 && (tensor.shape.length !== 1 || size !== weight.shape[axis]))
    return `the zeros of its quantised weight are [${tensor.shape}], neither one nor one a channel`;
  const codes = await readFloat64(tensor);
  return codes.every((code) => code === 0) ? null : { codes, axis };
}

/** DequantizeLinear counts axes from either end, and takes 1 for none. */
function axisOf(dequantize: Node, rank: number): number {
  const axis = intAttribute(dequantize, "axis", 1);
  return axis < 0 ? axis + rank : axis;
}

function dequantizeBehind(value: Value | null): Node | null {
  for (let node = value?.producer; node; node = node.inputs[0]?.producer) {
    if (isOp(node, "DequantizeLinear")) return node;
    if (!isOp(node, "Identity", "Cast")) return null;
  }
  return null;
}
