import type { Value } from "../../graph/index.js";
import type { ChannelRun, GroupingLayer, KernelEnergy } from "../../regroup/index.js";
import { UsageError } from "../../util/errors.js";
import { printable } from "../../util/text.js";
import { constantTensor } from "../constant-tensor.js";
import { type Axis, FIXED, type Leaf, resolve, type Stretch } from "./layout.js";
import type { Axes, GroupedWeight } from "./rule.js";

/** Channels that change places together, wherever they stand; a `ChannelRun` of `channelOrders`. */
export interface ChannelSpace extends ChannelRun {
  /** The first constant that has these channels along an axis; the parts of one axis share its name. */
  readonly name: string;
}

/** The channels of a space in a row, each as `repeat` neighbours (a flattened image has it H * W times). */
export interface ChannelStretch {
  readonly space: ChannelSpace;
  readonly repeat: number;
}

/** An axis of a constant that changes with the order of its spaces. */
export interface ChannelParameter {
  /** An initializer, which may be a graph input's default, or a Constant node's output. */
  readonly value: Value;
  readonly axis: number;
  /**
   * What stands along the axis. Along axis 1 of a grouped convolution's weight each group of rows has its
   * own columns: there is one entry a group, and one in all elsewhere.
   */
  readonly blocks: readonly (readonly ChannelStretch[])[];
}

/** The channel spaces of a model; see `findChannelSpaces`. */
export class ChannelSpaces {
  /** Those whose order is free. */
  readonly spaces: readonly ChannelSpace[];
  /** What has to be permuted when a space is; pinned spaces alone are not listed. */
  readonly parameters: readonly ChannelParameter[];
  readonly #values: ReadonlyMap<Value, Axes>;
  readonly #names = new Map<string, Value>();
  readonly #spaces = new Map<Leaf, ChannelSpace>();

  constructor(values: ReadonlyMap<Value, Axes>, grouped: readonly GroupedWeight[]) {
    this.#values = values;
    const parameters: ChannelParameter[] = [];
    const add = (value: Value, axis: number, axes: readonly Axis[]) => {
      const blocks = axes.map((one) => this.#stretches(one, value) ?? []);
      if (blocks.flat().some(({ space }) => !space.pinned))
        parameters.push({ value, axis, blocks });
    };
    for (const [value, axes] of values) {
      this.#names.set(value.name, value);
      if (constantTensor(value))
        axes?.forEach((axis, i) => {
          add(value, i, [axis]);
        });
    }
    for (const { value, groups } of grouped) add(value, 1, groups);
    this.parameters = parameters;
    this.spaces = [...this.#spaces.values()].filter(({ pinned }) => !pinned);
  }

  /**
   * What stands along an axis of a value; null where the order is fixed and nothing else is known.
   *
   * @param value Any value of the graph, or its name.
   * @throws UsageError if the model has no such value.
   */
  along(value: Value | string, axis: number): readonly ChannelStretch[] | null {
    const known = typeof value === "string" ? this.#names.get(value) : value;
    if (!known || !this.#values.has(known)) {
      const name = typeof value === "string" ? value : value.name;
      throw new UsageError(`no node of the model reads or writes "${printable(name)}"`);
    }
    const found = this.#values.get(known)?.[axis];
    return found === undefined ? null : this.#stretches(found, known);
  }

  /**
   * A dense convolution as `channelOrders` wants it. Channels that stand as several neighbours are pinned.
   *
   * @param weight Name of the convolution's weight, `[M, C, ...k]`.
   * @param groups The groups it shall have.
   */
  groupingLayer(weight: string, groups: number, energy: KernelEnergy): GroupingLayer {
    const runs = (axis: number, size: number): ChannelRun[] =>
      this.along(weight, axis)?.map(({ space, repeat }) =>
        repeat === 1 ? space : { size: space.size * repeat, pinned: true },
      ) ?? [{ size, pinned: true }];
    return { energy, groups, inputs: runs(1, energy.cols), outputs: runs(0, energy.rows) };
  }

  #stretches(axis: Axis, value: Value): readonly ChannelStretch[] | null {
    if (axis === FIXED || axis.isStretched) return null;
    return resolve(axis.stretches).map(({ leaf, repeat }: Stretch) => {
      let space = this.#spaces.get(leaf);
      if (!space) {
        space = { name: value.name, size: leaf.size, pinned: leaf.pinned || leaf.size === 1 };
        this.#spaces.set(leaf, space);
      }
      return { space, repeat };
    });
  }
}
