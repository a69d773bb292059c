import {
  type Graph,
  isOp,
  isStandardDomain,
  type Model,
  type Node,
  topologicalOrder,
  type Value,
  valuesRead,
} from "../../graph/index.js";
import { readIntegers } from "../../ops/index.js";
import { readFloat64 } from "../../tensor/index.js";
import { constantTensor } from "../constant-tensor.js";
import { ChannelSpaces } from "./channel-spaces.js";
import { type Axis, FIXED, fixedAxis, freshAxis, pin } from "./layout.js";
import type { Axes, GroupedWeight, Rule } from "./rule.js";
import { channelRules } from "./table.js";

/**
 * Finds which channels of a network can change places, and what else has to change places with them so that
 * the network stays the same function. From the graph alone: no weight is read, no shape inferred.
 *
 * The channels a layer writes are a space; whoever adds to them, scales them or reads them shares it. A
 * concatenation has the spaces of its parts in a row, a flattened image each channel as a run of columns,
 * and each group of a grouped convolution its own spaces. The order of what comes in, of what goes out, and
 * of whatever an operator reads that we have no rule for, is pinned. Running statistics that a batch norm in
 * training gives out are not: they stand in the order of the buffers whose next values they are.
 */
export async function findChannelSpaces(model: Model): Promise<ChannelSpaces> {
  const { graph } = model;
  const walk = new Walk(graph, await readConstants(graph));
  for (const node of topologicalOrder(graph)) walk.visit(node);
  for (const output of graph.outputs) if (!isRunningStatistic(output)) walk.pinValue(output);
  return new ChannelSpaces(walk.values, walk.grouped);
}

interface Constants {
  readonly integers: ReadonlyMap<Value, readonly number[]>;
  readonly floats: ReadonlyMap<Value, readonly number[]>;
}

/** The lists of numbers that say what a node does, such as axes and scales. */
async function readConstants(graph: Graph): Promise<Constants> {
  const floats = new Map<Value, readonly number[]>();
  for (const node of graph.nodes) {
    if (!isOp(node, "Resize", "Upsample")) continue;
    for (const input of node.inputs.slice(1)) {
      const tensor = input && constantTensor(input);
      if (tensor?.dtype === "float32") floats.set(input!, [...(await readFloat64(tensor))]);
    }
  }
  return { integers: await readIntegers(graph), floats };
}

function isRunningStatistic(value: Value): boolean {
  return isOp(value.producer, "BatchNormalization") && value.producer.outputs[0] !== value;
}

class Walk {
  readonly values = new Map<Value, Axes>();
  readonly grouped: GroupedWeight[] = [];
  readonly #graph: Graph;
  readonly #constants: Constants;

  constructor(graph: Graph, constants: Constants) {
    this.#graph = graph;
    this.#constants = constants;
  }

  visit(node: Node): void {
    const rule = isStandardDomain(node.domain) ? channelRules[node.op] : undefined;
    const isConstant = isOp(node, "Constant");
    const axes = rule && node.subgraphs.length === 0 ? this.#apply(rule, node) : null;
    if (!axes) for (const value of valuesRead(node)) this.pinValue(value);
    for (const [i, output] of node.outputs.entries())
      if (output && !isConstant) this.values.set(output, axes?.[i] ?? null);
  }

  #apply(rule: Rule, node: Node): readonly Axes[] | null {
    const asked = new Set<number>();
    const listed = (lists: Constants["integers"], index: number) => {
      const input = node.inputs[index];
      return input ? lists.get(input) : null;
    };
    const outputs = rule({
      node,
      axes: (index) => {
        asked.add(index);
        const input = node.inputs[index];
        return input ? this.#axesOf(input) : null;
      },
      integers: (index) => listed(this.#constants.integers, index),
      floats: (index) => listed(this.#constants.floats, index),
      addGroupedWeight: (index, groups) => {
        const value = node.inputs[index]!;
        const isOwn = value.uses.length === 1 && !this.#graph.outputs.includes(value);
        if (!isOwn || !constantTensor(value)) return false;
        this.grouped.push({ value, groups });
        return true;
      },
    });
    for (const [index, input] of node.inputs.entries())
      if (input && !asked.has(index)) this.pinValue(input);
    return outputs;
  }

  pinValue(value: Value): void {
    this.#axesOf(value)?.forEach(pin);
  }

  #axesOf(value: Value): Axes {
    const known = this.values.get(value);
    if (known !== undefined) return known;
    const axes = axesOfSource(value);
    this.values.set(value, axes);
    return axes;
  }
}

/** A constant's axes are free until somebody reads it; those of what comes from outside are not. */
function axesOfSource(value: Value): Axes {
  const constant = constantTensor(value);
  if (constant) return constant.shape.map(freshAxis);
  const { producer, type } = value;
  if (isOp(producer, "Constant"))
    return producer.attributes.has("value_float") || producer.attributes.has("value_int")
      ? []
      : [FIXED];
  if (producer || type?.kind !== "tensor" || !type.shape) return null;
  return type.shape.map(
    (dim): Axis => (typeof dim === "number" && dim >= 0 ? fixedAxis(dim) : FIXED),
  );
}
