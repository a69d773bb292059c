import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { otherOrders } from "../../../tests/support/channel-orders.js";
import { growth } from "../../../tests/support/growth.js";
import { Model, type Value } from "../../graph/index.js";
import { GraphBuilder, newModel } from "../../ops/index.js";
import { tensor, zeros } from "../../tensor/index.js";
import { range } from "../../util/math.js";
import { findChannelSpaces } from "./find-channel-spaces.js";
import { permuteTensors } from "./permute-channels.js";
import { channelRules } from "./table.js";

const dims = fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 4 });
const numbers = fc.array(fc.integer({ min: -3, max: 7 }), { maxLength: 5 });

const input = fc.oneof(
  fc.record({ kind: fc.constant("weight" as const), shape: dims }),
  fc.record({ kind: fc.constant("data" as const), shape: fc.option(dims) }),
  fc.record({ kind: fc.constant("integers" as const), values: numbers }),
  fc.record({ kind: fc.constant("none" as const) }),
);

/** Attributes that rules read, one number or a list. */
const attributes = fc.dictionary(
  fc.constantFrom(
    ..."group axis axes perm split starts ends pads shape keepdims transA transB allowzero".split(
      " ",
    ),
  ),
  fc.oneof(fc.integer({ min: -3, max: 7 }), numbers),
);

/** Models that no runtime would load are looked at all the same. */
describe("channel rules given nonsense", () => {
  it.each(Object.keys(channelRules))("%s answers, and what it answers can be done", async (op) => {
    const nonsense = fc.tuple(fc.array(input, { maxLength: 5 }), attributes, fc.nat(3));
    await fc.assert(
      fc.asyncProperty(nonsense, async ([inputs, given, outputCount]) => {
        const model = new Model();
        const { graph } = model;
        const values = inputs.map((one): Value | null => {
          if (one.kind === "none") return null;
          if (one.kind === "weight") return graph.addInitializer(zeros(one.shape));
          if (one.kind === "integers")
            return graph.addInitializer(
              tensor(BigInt64Array.from(one.values, BigInt), [one.values.length]),
            );
          const type = { kind: "tensor", dtype: "float32", shape: one.shape } as const;
          return graph.addInput(graph.freshName("x"), type);
        });
        const outputs = range(outputCount).map(() => graph.newValue());
        graph.addNode(op, values, { attributes: given, outputs });
        const spaces = await findChannelSpaces(model);
        const tensors = new Map(
          graph.initializers.map((value) => [value.name, zeros(value.initializer!.shape)]),
        );
        expect(permuteTensors(tensors, spaces, otherOrders(spaces)).size).toBe(tensors.size);
      }),
      { numRuns: 200, seed: 20261125 },
    );
  });
});

it("takes no longer than a quadratic job for a concatenation of concatenations", async () => {
  const ratio = await growth(12, (layers) => {
    const model = newModel("dense");
    const g = new GraphBuilder(model.graph);
    let x = g.input("x", [1, 4, 8, 8]);
    for (const layer of range(layers)) {
      const weight = g.constant(zeros([2, 4 + 2 * layer, 1, 1]));
      x = g.op("Concat", [x, g.op("Conv", [x, weight])], { axis: 1 });
    }
    return () => findChannelSpaces(model);
  });
  expect(ratio).toBeLessThan(2 * 16 ** 2);
});
