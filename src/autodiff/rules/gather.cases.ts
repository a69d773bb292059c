import fc from "fast-check";
import {
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";
import { scalar, tensor } from "../../tensor/index.js";

const sketch = (opset: fc.Arbitrary<number>) =>
  fc
    .record({
      shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 }),
      named: fc.nat(2),
      fromEnd: fc.boolean(),
      places: fc.array(fc.integer({ min: -4, max: 3 }), { minLength: 1, maxLength: 6 }),
      asMatrix: fc.boolean(),
      opset,
    })
    .map(({ shape, named, fromEnd, places, asMatrix, opset }) => {
      const axis = named % shape.length;
      const size = shape[axis];
      return {
        shape,
        axis: fromEnd ? axis - shape.length : axis,
        indices: places.map((place) => (place < 0 ? -1 - ((-1 - place) % size) : place % size)),
        asMatrix: asMatrix && places.length % 2 === 0,
        opset,
      };
    });

/** Before opset 16 by a matrix of ones, from 16 on by ScatterND. */
const eras: [about: string, opset: fc.Arbitrary<number>][] = [
  ["before opset 16", opsetFrom(9, 16)],
  ["from opset 16", opsetFrom(16)],
];

export const gatherCases: readonly GradientCheck[] = [
  ...eras.map(([about, opset]) =>
    property(
      "Gather",
      `any axis and indices, repeated and negative, ${about}`,
      sketch(opset),
      ({ shape, axis, indices, asMatrix, opset }) => ({
        shapes: { x: shape },
        write: (g, { x }) => {
          const index = tensor(
            BigInt64Array.from(indices, BigInt),
            asMatrix ? [2, indices.length / 2] : [indices.length],
          );
          return g.op("Gather", [x, g.constant(index)], { axis });
        },
        opset,
      }),
      { runs: 20 },
    ),
  ),

  ...[13, 16].map((opset) =>
    examples("Gather", `by indices of int32, opset ${opset}`, {
      shapes: { x: [3, 2] },
      write: (g, { x }) => g.op("Gather", [x, g.constant(tensor(Int32Array.of(2, -1, 0), [3]))]),
      opset,
    }),
  ),

  ...[13, 16].map((opset) =>
    examples("Gather", `by a single index, opset ${opset}`, {
      shapes: { x: [2, 3, 2] },
      write: (g, { x }) => g.op("Gather", [x, g.constant(scalar(1, "int64"))], { axis: 1 }),
      opset,
    }),
  ),
];
