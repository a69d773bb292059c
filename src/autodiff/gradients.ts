import {
  isOp,
  isStandardDomain,
  type Model,
  type Node,
  topologicalOrder,
  type Value,
  valuesRead,
} from "../graph/index.js";
import { GraphBuilder } from "../ops/index.js";
import { ShapeError, UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { GradientBuilder } from "./gradient-builder.js";
import type { NoGradient, Rule, RuleContext } from "./rule.js";
import { rules } from "./table.js";
import type { Term } from "./term.js";

export interface GradientOptions {
  /** Shape of every value between `wrt` and the loss, such as `inferShapes` gives; constants know theirs. */
  readonly shapes: ReadonlyMap<Value, readonly number[]>;
  /** Whole numbers of constant inputs (axes, bounds), such as `readIntegers` gives. */
  readonly integers: ReadonlyMap<Value, readonly number[]>;
}

/** Older operator sets spell too many operators in their own way (broadcasting, `Upsample`, `Where`). */
const OLDEST_OPSET = 9;

/**
 * Extends a model's graph with the nodes that compute d(loss)/d(value) for each value asked for, and
 * nothing that nobody asked for. A loss with more than one element counts as its sum. Everything between
 * `wrt` and the loss must be float32. A refusal leaves the model as it was.
 *
 * @param wrt Inputs, initializers or values in between.
 * @returns The gradient of each, of its shape; zero where the loss does not depend on it.
 * @throws UsageError naming the node when an operator on the way has no rule, or below opset 9.
 * @throws ShapeError when a shape on the way is not known.
 */
export function gradients(
  model: Model,
  loss: Value,
  wrt: readonly Value[],
  options: GradientOptions,
): Map<Value, Value> {
  if (model.opset < OLDEST_OPSET)
    throw new UsageError(
      `gradients: opset=${model.opset} must be at least ${OLDEST_OPSET}; convert the model first`,
    );
  for (const value of [loss, ...wrt]) checkDifferentiable(model, value);
  const undo = rememberState(model);
  try {
    return new Backward(model, options).run(loss, wrt);
  } catch (error) {
    undo();
    throw error;
  }
}

/** What takes out again all that was written from now on. */
function rememberState({ graph, opsets }: Model): () => void {
  const nodeCount = graph.nodes.length;
  const values = new Set(graph.values);
  const hadMicrosoft = opsets.has("com.microsoft");
  return () => {
    for (const node of graph.nodes.slice(nodeCount).reverse()) graph.removeNode(node);
    for (const value of [...graph.values]) if (!values.has(value)) graph.removeValue(value);
    if (!hadMicrosoft) opsets.delete("com.microsoft");
  };
}

function checkDifferentiable(model: Model, value: Value): void {
  const name = printable(value.name);
  if (value.graph !== model.graph)
    throw new UsageError(`gradients: "${name}" is not a value of the model's main graph`);
  if (value.type?.kind === "tensor" && value.type.dtype !== "float32")
    throw new UsageError(`gradients: "${name}" is ${value.type.dtype}; only float32 has gradients`);
}

/** Why gradients do not go back through an operator that has some; null where they do, or where they are zero. */
export function missingRule(node: Node): string | null {
  if (ruleOf(node) !== undefined) return null;
  return `no gradient rule for ${nameOf(node)}, which "${printable(node.label)}" is`;
}

/** Does the gradient end here, as the operator's is zero? */
export function endsGradient(node: Node): boolean {
  return typeof ruleOf(node) === "string";
}

class Backward {
  readonly #g: GradientBuilder;
  /** Gradients that reached a value so far, one a reader. */
  readonly #arrived = new Map<Value, Term[]>();

  constructor(
    readonly model: Model,
    readonly options: GradientOptions,
  ) {
    this.#g = new GradientBuilder(new GraphBuilder(model.graph), model.opset, () => {
      if (!model.opsets.has("com.microsoft")) model.opsets.set("com.microsoft", 1);
    });
  }

  run(loss: Value, wrt: readonly Value[]): Map<Value, Value> {
    const order = topologicalOrder(this.model.graph);
    const needed = valuesBetween(order, wrt);
    return this.#g.within("gradient", () => {
      this.#arrived.set(loss, [this.#g.full(this.#shapeOf(loss), 1)]);
      for (const node of order.toReversed()) {
        const hasArrived = node.outputs.some((output) => output && this.#arrived.has(output));
        if (hasArrived && valuesRead(node).some((value) => needed.has(value)))
          this.#g.within(node.label, () => this.#back(node, needed));
      }
      return new Map(wrt.map((value) => [value, this.#total(value)?.value ?? this.#zero(value)]));
    });
  }

  /** Sends what reached a node's outputs on to its inputs. */
  #back(node: Node, needed: ReadonlySet<Value>): void {
    const missing = missingRule(node);
    if (missing !== null)
      throw new UsageError(missing, {
        help: "Ask for gradients of values behind this node, or replace it by operators that have rules.",
      });
    const rule = ruleOf(node);
    if (typeof rule !== "function") return;

    const context = this.#contextOf(node);
    const given = rule(context);
    node.inputs.forEach((input, i) => {
      if (!input || !needed.has(input) || given[i] === null) return;
      if (given[i] === undefined)
        throw new UsageError(
          `no gradient rule for input ${i} of ${nameOf(node)}, which "${printable(node.label)}" is`,
        );
      const term = given[i]();
      const reached = this.#arrived.get(input);
      if (reached) reached.push(term);
      else this.#arrived.set(input, [term]);
    });
  }

  #contextOf(node: Node): RuleContext {
    const dys = node.outputs.map((output) => (output ? this.#total(output) : undefined));
    const second = dys.findIndex((dy, i) => dy && i > 0);
    if (second > 0 && !isOp(node, "Split"))
      throw new UsageError(
        `no gradient rule for output ${second} of ${nameOf(node)}, which "${printable(node.label)}" is`,
      );
    return {
      g: this.#g,
      node,
      inputs: node.inputs.map((input) => (input ? this.#term(input) : undefined)),
      outputs: node.outputs.map((output) => (output ? this.#term(output) : undefined)),
      dy: (dys[0] ?? dys[second])!,
      dys,
      integers: (index) => this.#integers(node, index),
    };
  }

  #integers(node: Node, index: number): readonly number[] | undefined {
    const input = node.inputs[index];
    if (!input) return undefined;
    const known = this.options.integers.get(input);
    if (known) return known;
    throw new ShapeError(
      `gradient of "${printable(node.label)}": input ${index} "${printable(input.name)}" must be a constant`,
    );
  }

  /** The sum of what reached a value, written once. */
  #total(value: Value): Term | undefined {
    const reached = this.#arrived.get(value);
    if (!reached) return undefined;
    const total = this.#g.addAll(reached);
    this.#arrived.set(value, [total]);
    return total;
  }

  #zero(value: Value): Value {
    return this.#g.full(this.#shapeOf(value), 0).value;
  }

  #term(value: Value): Term {
    const { options } = this;
    // Operators look at few shapes; one that is missing matters only to a rule that asks for it.
    return {
      value,
      get shape() {
        const shape = options.shapes.get(value) ?? value.initializer?.shape;
        if (!shape) throw unknownShape(value);
        return shape;
      },
    };
  }

  #shapeOf(value: Value): readonly number[] {
    return this.#term(value).shape;
  }
}

function unknownShape(value: Value): ShapeError {
  return new ShapeError(`gradient: the shape of "${printable(value.name)}" is not known`, {
    help: "Give every input of the model a fixed shape.",
  });
}

/**
 * The values asked for and all that is computed from them: where gradients have to go. Nothing is
 * computed, in this sense, by an operator that stops gradients.
 */
function valuesBetween(order: readonly Node[], wrt: readonly Value[]): Set<Value> {
  const needed = new Set<Value>(wrt);
  for (const node of order) {
    if (typeof ruleOf(node) === "object" || !valuesRead(node).some((value) => needed.has(value)))
      continue;
    for (const output of node.outputs) if (output) needed.add(output);
  }
  return needed;
}

function ruleOf(node: Node): Rule | NoGradient | undefined {
  return isStandardDomain(node.domain) && Object.hasOwn(rules, node.op)
    ? rules[node.op]
    : undefined;
}

function nameOf(node: Node): string {
  return printable(isStandardDomain(node.domain) ? node.op : `${node.domain}.${node.op}`);
}
