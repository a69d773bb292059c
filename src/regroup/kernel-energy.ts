import { checkGroups } from "../groups/index.js";
import { type Tensor, toFloat64 } from "../tensor/index.js";
import { ShapeError, UsageError } from "../util/errors.js";
import { product } from "../util/math.js";
import { checkWeight } from "./regroup.js";

/** How much each kernel of a convolution weighs: `[rows, cols]`, row-major, none negative. */
export interface KernelEnergy {
  /** Output channels. */
  readonly rows: number;
  /** Input channels. */
  readonly cols: number;
  readonly data: Float64Array;
}

/**
 * Sum of squares of every kernel, as if the convolution were dense: `[M, C/G, ...k]` -> `[M, C]`.
 *
 * @param groups Groups of the weight. Defaults to 1.
 * @throws ShapeError if the groups do not divide the channels.
 */
export function kernelEnergy(weight: Tensor, groups = 1): KernelEnergy {
  const [rows, width, ...kernel] = checkWeight("kernelEnergy", weight);
  const cols = width * groups;
  checkGroups("kernelEnergy", groups, cols, rows);
  const size = product(kernel);
  const weights = toFloat64(weight.dtype, weight.bytes, weight.size);
  const data = new Float64Array(rows * cols);
  for (let row = 0, at = 0; row < rows; row++) {
    const first = row * cols + Math.floor((row * groups) / rows) * width;
    for (let col = first; col < first + width; col++)
      for (let k = 0; k < size; k++, at++) data[col] += weights[at] * weights[at];
  }
  return { rows, cols, data };
}

/**
 * The energy of the kernels that `groups` groups keep, channels standing as the orders say: place i has
 * the channel `outputs[i]`, or `inputs[i]`. As they are by default.
 */
export function keptEnergy(
  energy: KernelEnergy,
  groups: number,
  orders: { readonly outputs?: readonly number[]; readonly inputs?: readonly number[] } = {},
): number {
  checkEnergy("keptEnergy", energy, groups);
  const { rows, cols, data } = energy;
  const { outputs, inputs } = orders;
  const [height, width] = [rows / groups, cols / groups];
  let kept = 0;
  for (let place = 0; place < rows; place++) {
    const row = (outputs?.[place] ?? place) * cols;
    const first = Math.floor(place / height) * width;
    for (let col = first; col < first + width; col++) kept += data[row + (inputs?.[col] ?? col)];
  }
  return kept;
}

/**
 * @throws ShapeError if the data do not fill the matrix, or the groups do not divide it.
 * @throws UsageError if an energy is negative or not a number.
 */
export function checkEnergy(operation: string, energy: KernelEnergy, groups: number): void {
  const { rows, cols, data } = energy;
  if (data.length !== rows * cols)
    throw new ShapeError(
      `${operation}: energy of ${data.length} numbers must be rows=${rows} x cols=${cols}`,
    );
  checkGroups(operation, groups, cols, rows);
  const wrong = data.find((kernel) => !(kernel >= 0 && Number.isFinite(kernel)));
  if (wrong !== undefined)
    throw new UsageError(`${operation}: energy=${wrong} must be a number of at least 0`);
}
