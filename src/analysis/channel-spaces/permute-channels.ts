import type { Model, Value } from "../../graph/index.js";
import { type ChannelRun, checkOrder, permuteAxis } from "../../regroup/index.js";
import { type LazyTensor, type NumericDType, Tensor, toTyped, zeros } from "../../tensor/index.js";
import { ShapeError, UsageError } from "../../util/errors.js";
import { product, range } from "../../util/math.js";
import { printable } from "../../util/text.js";
import { constantTensor } from "../constant-tensor.js";
import type { ChannelParameter, ChannelSpaces, ChannelStretch } from "./channel-spaces.js";

/** Of each space: place i gets the channel `order[i]`. A space that is not here stays as it is. */
export type Orders = ReadonlyMap<ChannelRun, readonly number[]>;

/**
 * Puts the channels of a model in other orders, in place: it stays the same function, up to rounding where
 * sums are taken in another order.
 *
 * @throws UsageError if an order does not name each channel once, or is that of a pinned space.
 */
export async function permuteChannels(
  model: Model,
  spaces: ChannelSpaces,
  orders: Orders,
): Promise<void> {
  checkOrders(spaces, orders);
  const permuted = new Map<Value, Tensor>();
  for (const parameter of spaces.parameters) {
    if (!isMoved(parameter, orders)) continue;
    const { value } = parameter;
    if (value.graph !== model.graph)
      throw new UsageError(`permuteChannels: "${printable(value.name)}" is not of this model`);
    const tensor = permuted.get(value) ?? (await loaded(constantTensor(value)!));
    permuted.set(value, permuteParameter(tensor, parameter, orders));
  }
  for (const [value, tensor] of permuted) {
    if (value.initializer) value.initializer = tensor;
    else value.producer!.attributes.set("value", { type: "tensor", value: tensor });
  }
}

/**
 * The same for tensors that go by the names of a model's constants and have their shapes: a `state_dict`,
 * or an optimizer's slots. Those that keep their order are passed on as they are.
 *
 * @throws ShapeError if a tensor has another shape than the model's constant.
 * @throws UsageError if an order does not name each channel once, or is that of a pinned space.
 */
export function permuteTensors<D extends NumericDType>(
  tensors: ReadonlyMap<string, Tensor<D>>,
  spaces: ChannelSpaces,
  orders: Orders,
): Map<string, Tensor<D>> {
  checkOrders(spaces, orders);
  const result = new Map(tensors);
  for (const parameter of spaces.parameters) {
    const { name } = parameter.value;
    const tensor = result.get(name);
    if (tensor && isMoved(parameter, orders))
      result.set(name, permuteParameter(tensor, parameter, orders));
  }
  return result;
}

function checkOrders({ spaces }: ChannelSpaces, orders: Orders): void {
  const free = new Set<ChannelRun>(spaces);
  for (const [space, order] of orders) {
    if (free.has(space)) checkOrder("permuteChannels", order, space.size);
    else if (order.some((channel, place) => channel !== place))
      throw new UsageError(
        `permuteChannels: an order of ${order.length} channels is for a space that is ${space.pinned ? "pinned" : "not of this model"}`,
      );
  }
}

function isMoved({ blocks }: ChannelParameter, orders: Orders): boolean {
  return blocks.flat().some(({ space }) => orders.has(space));
}

function permuteParameter<D extends NumericDType>(
  tensor: Tensor<D>,
  { value, axis, blocks }: ChannelParameter,
  orders: Orders,
): Tensor<D> {
  const blockOrders = blocks.map((block) => orderOf(block, orders));
  if (tensor.shape[axis] !== blockOrders[0].length)
    throw new ShapeError(
      `permuteChannels: "${printable(value.name)}" of shape=[${tensor.shape}] must have ${blockOrders[0].length} channels on axis ${axis}`,
    );
  if (blocks.length === 1) return permuteAxis(tensor, axis, blockOrders[0]);

  // One order of columns for each group of rows.
  const [rows, ...rest] = tensor.shape;
  const result = zeros(tensor.shape, tensor.dtype);
  const size = (rows / blocks.length) * product(rest);
  for (const [i, order] of blockOrders.entries()) {
    const data = tensor.data.subarray(i * size, (i + 1) * size) as Tensor<D>["data"];
    const block = new Tensor(tensor.dtype, [rows / blocks.length, ...rest], data);
    (result.data as Float32Array).set(
      permuteAxis(block, axis, order).data as Float32Array,
      i * size,
    );
  }
  return result;
}

/** Order of the elements along an axis, from the orders of the spaces that stand there. */
function orderOf(block: readonly ChannelStretch[], orders: Orders): number[] {
  const whole: number[] = [];
  for (const { space, repeat } of block) {
    const first = whole.length;
    for (const channel of orders.get(space) ?? range(space.size))
      for (let i = 0; i < repeat; i++) whole.push(first + channel * repeat + i);
  }
  return whole;
}

async function loaded(tensor: LazyTensor): Promise<Tensor> {
  const dtype = tensor.dtype as NumericDType;
  return new Tensor(dtype, tensor.shape, toTyped(dtype, await tensor.load()));
}
