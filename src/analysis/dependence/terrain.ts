import { type Graph, isOp, type Node, type Value } from "../../graph/index.js";
import type { Shapes } from "../../runtime/index.js";
import { allValuesReadBy, branchesOf, isWithin, orderWithBranches } from "../branches.js";
import { constantBehind, constantShape } from "../convolution.js";
import { dataValues } from "../data-values.js";
import type { Gates } from "../gates.js";
import type { Integers } from "../integers.js";
import type { AtomSets, SetId } from "./atom-sets.js";
import { isEmpty, type Labels, mapIds, sameLabels, uniform } from "./labels.js";
import { type Rule, ruleName, shapeOf } from "./rule.js";
import { dependenceRules } from "./table.js";

/** What the walks through one graph share, computed once. */
export interface Terrain {
  readonly graph: Graph;
  /** With the branches of each If before it. */
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
  /** False for the bodies of loops and functions, whose outputs go on elsewhere. */
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
  const order = orderWithBranches(graph);
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
    for (const value of new Set(allValuesReadBy(node))) {
      if (!value) continue;
      const others = readers.get(value);
      if (others) others.push(node);
      else readers.set(value, [node]);
    }
  }
  return readers;
}

/** Bodies of loops are not followed. */
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
  /** The graph where the walk begins: of the branches of one If, only the one around it can run. */
  readonly start: Graph;
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
  if (isOp(node, "If")) return joinBranches(node, trail);
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

/**
 * An If gives out what one of its branches does. Null where both carry something and not the same, and where
 * what is followed decides between them.
 */
function joinBranches(node: Node, { labels, start }: Trail): readonly (Labels | null)[] | null {
  const condition = node.inputs[0];
  const decides = condition && labels.get(condition);
  if (decides && !isEmpty(decides)) return null;
  const branches = branchesOf(node);
  const own = branches.filter((branch) => isWithin(start, branch));
  const outputs: (Labels | null)[] = [];
  for (const i of node.outputs.keys()) {
    const given = (own.length > 0 ? own : branches).flatMap(
      (branch) => labels.get(branch.outputs[i]) ?? [],
    );
    if (given.some((each) => !sameLabels(each, given[0]))) return null;
    outputs.push(given[0] ?? null);
  }
  return outputs;
}
