import { type Convolution, constantTensor, type Survey } from "../../analysis/index.js";
import { endsGradient, missingRule } from "../../autodiff/index.js";
import type { Node, Value } from "../../graph/index.js";
import { topologicalOrder } from "../../graph/index.js";
import { convInputs } from "../../ops/index.js";
import { UsageError } from "../../util/errors.js";
import { product } from "../../util/math.js";
import { printable } from "../../util/text.js";
import { nextConvolutions } from "../next-convolutions.js";
import type { ListenSection } from "./section.js";
import type { Target } from "./target.js";

/** A convolution that is listened to. */
export interface Subject {
  readonly convolution: Convolution;
  /** The value it reads as its weight. */
  readonly weight: Value;
  /** `[N, C, ...size]` of a full batch. */
  readonly inShape: readonly number[];
  readonly outShape: readonly number[];
  /** The convolutions of the model that read its output next. */
  readonly next: readonly Convolution[];
  /** Whether the kernels it lacks are listened to as well. */
  readonly isComparedWithDense: boolean;
}

/**
 * The convolutions that the target depends on, from the input to the output, and why the others are left out.
 *
 * @throws UsageError naming the layer when the weights of one are no float32.
 */
export function findSubjects(
  { model, convolutions }: Survey,
  target: Target,
  compareWithDense: boolean,
): {
  subjects: Subject[];
  skipped: ListenSection["skipped"];
  /** Values that gradients cannot come back to, and why. */
  blocked: ReadonlyMap<Value, string>;
} {
  const order = topologicalOrder(model.graph);
  const leading = valuesLeadingTo(target.values, order);
  const blocked = blockedValues(leading, order);
  const place = new Map(order.map((node, index) => [node, index]));
  const byNode = new Map(convolutions.map((convolution) => [convolution.node, convolution]));
  const subjects: Subject[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const convolution of convolutions) {
    const { name, node, inShape, outShape, groups } = convolution;
    const reason = reasonAgainst(convolution, model.graph, leading, blocked);
    if (reason !== null) {
      skipped.push({ name, reason });
      continue;
    }
    checkType(convolution);
    subjects.push({
      convolution,
      weight: node.inputs[convInputs(node).weight]!,
      inShape: inShape!,
      outShape: outShape!,
      next: nextConvolutions(convolution.y, byNode),
      isComparedWithDense: compareWithDense && groups > 1,
    });
  }
  subjects.sort((a, b) => place.get(a.convolution.node)! - place.get(b.convolution.node)!);
  return { subjects, skipped, blocked };
}

function reasonAgainst(
  { y, inShape, outShape }: Convolution,
  main: Value["graph"],
  leading: ReadonlySet<Value>,
  blocked: ReadonlyMap<Value, string>,
): string | null {
  if (y.graph !== main) return "it stands in the body of a loop or a branch";
  if (!leading.has(y)) return "what is differentiated does not depend on it";
  if (!inShape || !outShape) return "the runtime could not tell its shapes";
  return blocked.get(y) ?? null;
}

function checkType({ name, weight }: Convolution): void {
  const dtype = weight && constantTensor(weight)?.dtype;
  if (dtype && dtype !== "float32")
    throw new UsageError(
      `listen: "${printable(name)}" has weights of ${dtype}; only float32 has gradients`,
    );
}

function valuesLeadingTo(targets: readonly Value[], order: readonly Node[]): Set<Value> {
  const leading = new Set(targets);
  for (const node of order.toReversed())
    if (node.outputs.some((output) => output && leading.has(output)))
      for (const input of node.inputs) if (input) leading.add(input);
  return leading;
}

/** What lies before an operator without a gradient rule, on any way to the target. */
function blockedValues(leading: ReadonlySet<Value>, order: readonly Node[]): Map<Value, string> {
  const blocked = new Map<Value, string>();
  for (const node of order.toReversed()) {
    const outputs = node.outputs.filter((output) => output && leading.has(output));
    if (outputs.length === 0 || endsGradient(node)) continue;
    const behind = outputs.map((output) => blocked.get(output!)).find((reason) => reason);
    const reason = missingRule(node) ?? behind;
    if (reason === undefined) continue;
    for (const input of node.inputs) if (input && !blocked.has(input)) blocked.set(input, reason);
  }
  return blocked;
}

/** What a layer's own gradients take at once, in bytes: copies of its data, and products, sample by sample. */
export function bytesOf({ inShape, outShape, convolution, isComparedWithDense }: Subject): number {
  const { weightShape, groups, kernel } = convolution;
  const weights = product(weightShape) * (isComparedWithDense ? groups : 1);
  const perTap = weights / product(kernel);
  const padded = 3 * product(inShape);
  return 4 * (padded + 3 * product(outShape) + 4 * weights + inShape[0] * perTap);
}

/**
 * Splits layers into passes that stay within the memory, the last layers first. A gradient keeps every value
 * between its layer and the target until it comes by.
 */
export function planPasses(
  survey: Survey,
  subjects: readonly Subject[],
  memoryBytes: number,
): { passes: Subject[][]; skipped: ListenSection["skipped"] } {
  const passes: Subject[][] = [];
  const skipped: { name: string; reason: string }[] = [];
  const kept = new KeptValues(survey);
  let own = 0;
  for (const subject of subjects.toReversed()) {
    const bytes = bytesOf(subject);
    const base = kept.bytesFrom(subject.convolution.y);
    if (base + bytes > memoryBytes) {
      skipped.push({
        name: subject.convolution.name,
        reason: `its gradients take about ${base + bytes} bytes, which must be at most memoryBytes=${memoryBytes}; smaller batches take less`,
      });
      continue;
    }
    if (passes.length === 0 || base + own + bytes > memoryBytes) {
      passes.push([]);
      own = 0;
    }
    passes.at(-1)!.unshift(subject);
    own += bytes;
  }
  return { passes, skipped: skipped.reverse() };
}

/** What is kept for the layers so far: the values behind them, and the weights there, turned around. */
class KeptValues {
  readonly #seen = new Set<Value>();
  #elements = 0;

  constructor(readonly survey: Survey) {}

  bytesFrom(start: Value): number {
    const pending = [start];
    for (const value of pending) {
      if (!this.#count(value)) continue;
      for (const { inputs, outputs } of value.consumers) {
        for (const input of inputs) if (input?.initializer) this.#count(input);
        for (const output of outputs) if (output) pending.push(output);
      }
    }
    return 4 * this.#elements;
  }

  /** False where it was counted before. */
  #count(value: Value): boolean {
    if (this.#seen.has(value)) return false;
    this.#seen.add(value);
    const shape = value.initializer?.shape ?? this.survey.shapes?.get(value);
    if (shape) this.#elements += product(shape);
    return true;
  }
}
