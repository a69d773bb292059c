import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Model, type Value } from "../../graph/index.js";
import { tensor } from "../../tensor/index.js";
import { product, range } from "../../util/math.js";
import { foldIntegers } from "../integers.js";
import { AtomSets } from "./atom-sets.js";
import type { Labels } from "./labels.js";
import { dependenceRules } from "./table.js";
import { propagate, surveyTerrain } from "./terrain.js";

/**
 * A model no runtime loads is looked at all the same, with whatever attributes, constants and shapes it
 * claims: a rule says "unknown" to what makes no sense.
 */
describe("dependence rules given nonsense", () => {
  it.each(Object.keys(dependenceRules))("%s answers or refuses", async (name) => {
    await fc.assert(
      fc.asyncProperty(nonsense(), async (given) => {
        for (const labels of await answer(name, given)) {
          if (!labels) continue;
          expect(labels.dims.every((dim) => Number.isInteger(dim) && dim > 0)).toBe(true);
          expect(labels.ids.length).toBe(product(labels.dims));
          expect(labels.ids.every((id) => id >= 0 && id < SETS)).toBe(true);
        }
      }),
      { numRuns: 200, seed: 20261123 },
    );
  });
});

/** More sets than three atoms can make. */
const SETS = 2 ** 4;

type Input =
  | { readonly kind: "labels"; readonly dims: number[]; readonly shape: number[] | null }
  | { readonly kind: "integers"; readonly values: number[] }
  | { readonly kind: "weight"; readonly shape: number[] }
  | { readonly kind: "data"; readonly shape: number[] | null }
  | { readonly kind: "none" };

interface Nonsense {
  readonly inputs: readonly Input[];
  readonly outShapes: readonly (number[] | null)[];
  readonly attributes: Readonly<Record<string, number | bigint | string | number[] | undefined>>;
}

function nonsense(): fc.Arbitrary<Nonsense> {
  const int = fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: -5, max: 8 }) },
    { weight: 1, arbitrary: fc.constantFrom(-(2 ** 31), 2 ** 31, 2 ** 40) },
  );
  const ints = fc.array(int, { maxLength: 6 });
  const shape = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 5 });
  const dims = fc.array(fc.constantFrom(1, 1, 2, 4, 6), { maxLength: 5 });
  const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
  const input: fc.Arbitrary<Input> = fc.oneof(
    fc.record({ kind: fc.constant("labels" as const), dims, shape: maybe(shape) }),
    dims.map((dims) => ({ kind: "labels" as const, dims, shape: dims })),
    fc.record({ kind: fc.constant("integers" as const), values: ints }),
    fc.record({ kind: fc.constant("weight" as const), shape }),
    fc.record({ kind: fc.constant("data" as const), shape: maybe(shape) }),
    fc.constant({ kind: "none" as const }),
  );
  const one = fc.option(int, { nil: undefined });
  const list = fc.option(ints, { nil: undefined });
  return fc.record({
    inputs: fc
      .tuple(
        dims.map((dims): Input => ({ kind: "labels", dims, shape: dims })),
        fc.array(input, { maxLength: 4 }),
      )
      .map(([first, rest]) => [first, ...rest]),
    outShapes: fc.array(maybe(shape), { minLength: 1, maxLength: 3 }),
    attributes: fc.record({
      axis: one,
      group: one,
      num_groups: one,
      size: one,
      blocksize: one,
      keepdims: one,
      noop_with_empty_axes: one,
      exclusive: one,
      reverse: one,
      transA: one,
      transB: one,
      axes: list,
      perm: list,
      split: list,
      starts: list,
      ends: list,
      pads: list,
      paddings: list,
      kernel_shape: list,
      strides: list,
      dilations: list,
      mode: fc.constantFrom(undefined, "constant", "reflect", "edge", "wrap", "CRD", "?"),
      auto_pad: fc.constantFrom(undefined, "SAME_UPPER", "SAME_LOWER", "VALID", "?"),
    }),
  });
}

async function answer(name: string, given: Nonsense): Promise<readonly (Labels | null)[]> {
  const model = new Model();
  const { graph } = model;
  model.opsets.set("", 18);
  const shapes = new Map<Value, readonly number[]>();
  const sets = new AtomSets(3);
  const atoms = range(3).map((atom) => sets.singleton(atom));
  const labels = new Map<Value, Labels>();
  const inputs = given.inputs.map((input, i) => {
    if (input.kind === "none") return null;
    if (input.kind === "integers")
      return graph.addInitializer(
        tensor(BigInt64Array.from(input.values, BigInt), [input.values.length]),
      );
    if (input.kind === "weight")
      return graph.addInitializer(tensor(new Float32Array(product(input.shape)), input.shape));
    const value = graph.addInput(`x${i}`, null);
    if (input.shape) shapes.set(value, input.shape);
    if (input.kind === "labels") {
      const ids = range(product(input.dims)).map((k) => atoms[k % 2]);
      labels.set(value, { dims: input.dims, ids: Int32Array.from(ids) });
    }
    return value;
  });
  const at = name.lastIndexOf(".");
  const outputs = given.outShapes.map((shape) => {
    const value = graph.newValue();
    if (shape) shapes.set(value, shape);
    return value;
  });
  const node = graph.addNode(name.slice(at + 1), inputs, {
    domain: name.slice(0, Math.max(0, at)),
    attributes: given.attributes,
    outputs,
  });
  const integers = await foldIntegers(graph, shapes);
  const gates = { nodes: new Set<never>(), gateInputs: new Map<never, number>() };
  const terrain = surveyTerrain(graph, model.opset, shapes, integers, gates, true);
  const trail = { sets, labels, outside: atoms[2], toGain: (id: number) => id, start: graph };
  return propagate(node, terrain, trail) ?? [];
}
