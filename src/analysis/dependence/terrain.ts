import {
  type Graph,
  type Node,
  topologicalOrder,
  type Value,
  valuesRead,
} from "../../graph/index.js";
import type { Shapes } from "../../runtime/index.js";
import { constantBehind, constantShape } from "../convolution.js";
import { dataValues } from "../data-values.js";
import type { Gates } from "../gates.js";
import type { Integers } from "../integers.js";
import type { AtomSets, SetId } from "./atom-sets.js";
import { type Labels, mapIds, uniform } from "./labels.js";
import { type Rule, ruleName, shapeOf } from "./rule.js";
import { dependenceRules } from "./table.js";

/** What the walks through one graph share, computed once. */
export interface Terrain {
  readonly graph: Graph;
  readonly order: readonly Node[];
  readonly position: ReadonlyMap<Node, number>;
  readonly outputs: ReadonlySet<Value>;
  readonly shapes: Shapes | null;
  readonly integers: Integers;
  readonly gates: Gates;
  /** Values that carry data; the others are weights, and what is computed of weights and shapes. */
  readonly data: ReadonlySet<Value>;
  /** The nodes that read a value, be it within a body of theirs, each once and in order. */
  readonly readers: ReadonlyMap<Value, readonly Node[]>;
  /** How each node's outputs depend on its inputs, where there is a rule. */
  readonly rules: ReadonlyMap<Node, Rule>;
  /** Version of the standard operator set. */
  readonly opset: number;
  /** False for the bodies of control flow and functions, whose outputs go on elsewhere. */
  readonly isWhole: boolean;
}

export function surveyTerrain(
  graph: Graph,
  opset: number,
  shapes: Shapes | null,
  integers: Integers,
  gates: Gates,
  isWhole: boolean,
): Terrain {
  const order = topologicalOrder(graph);
  return {
    graph,
    order,
    position: new Map(order.map((node, index) => [node, index])),
    outputs: new Set(graph.outputs),
    shapes,
    integers,
    gates,
    data: dataValues(order),
    readers: findReaders(order),
    rules: findRules(order),
    opset,
    isWhole,
  };
}

function findReaders(order: readonly Node[]): Map<Value, Node[]> {
  const readers = new Map<Value, Node[]>();
  for (const node of order) {
    for (const value of new Set(valuesRead(node))) {
      const others = readers.get(value);
      if (others) others.push(node);
      else readers.set(value, [node]);
    }
  }
  return readers;
}

/** Bodies of control flow are not followed. */
function findRules(order: readonly Node[]): Map<Node, Rule> {
  const rules = new Map<Node, Rule>();
  for (const node of order) {
    const rule = node.subgraphs.length === 0 ? dependenceRules[ruleName(node)] : undefined;
    if (rule) rules.set(node, rule);
  }
  return rules;
}

/** What a walk follows, and the sets it follows it with. */
export interface Trail {
  readonly sets: AtomSets;
  readonly labels: ReadonlyMap<Value, Labels>;
  /** The set of data that is not followed. */
  readonly outside: SetId;
  /** Changes a set to one of the same groups that meet in a factor or a statistic only. */
  readonly toGain: (id: SetId) => SetId;
}

/** Labels of what a node reads; null for constants and inputs left out. */
export function labelsOf(
  value: Value | null,
  { shapes, data }: Terrain,
  { labels, outside }: Trail,
): Labels | null {
  if (!value || !data.has(value)) return null;
  return labels.get(value) ?? uniform(shapes?.get(value)?.length ?? 0, outside);
}

/** Labels of a node's outputs from those of its inputs; null when nobody can say. */
export function propagate(
  node: Node,
  terrain: Terrain,
  trail: Trail,
): readonly (Labels | null)[] | null {
  const { rules, shapes, gates, integers, opset } = terrain;
  const rule = rules.get(node);
  if (!rule) return null;
  const { sets, toGain } = trail;
  const inputs = node.inputs.map((input) => labelsOf(input, terrain, trail));
  const gate = gates.gateInputs.get(node);
  if (gate !== undefined && inputs[gate]) inputs[gate] = mapIds(inputs[gate], toGain);
  return rule({
    node,
    sets,
    opset,
    inputs,
    toGain,
    inShape: (index) => {
      const input = node.inputs[index];
      return shapeOf(shapes, input) ?? (input ? constantShape(constantBehind(input)) : null);
    },
    outShape: (index) => shapeOf(shapes, node.outputs[index]),
    integers: (index) => {
      const input = node.inputs[index];
      return input ? integers.get(input) : null;
    },
  });
}
