import fc from "fast-check";
import {
  anyShape,
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";

const flag = fc.integer({ min: 0, max: 1 });
const size = fc.integer({ min: 1, max: 3 });
const ones = fc.array(fc.boolean(), { minLength: 2, maxLength: 2 });

/** Batch axes that broadcast before `[M, K]` and `[K, N]`. */
const matrices = fc
  .record({ m: size, k: size, n: size, batch: anyShape(0, 2), ones, dropped: fc.nat(2) })
  .map(({ m, k, n, batch, ones, dropped }) => ({
    a: [...batch, m, k],
    b: [
      ...batch.map((size, i) => (ones[i] ? 1 : size)).slice(Math.min(dropped, batch.length)),
      k,
      n,
    ],
  }));

export const matMulCases: readonly GradientCheck[] = [
  property(
    "MatMul",
    "matrices, batch axes broadcast on either side",
    fc.record({ matrices, swap: fc.boolean(), opset: opsetFrom(9) }),
    ({ matrices: { a, b }, swap, opset }) => {
      const turned = (shape: readonly number[]) => [
        ...shape.slice(0, -2),
        ...shape.slice(-2).reverse(),
      ];
      return {
        shapes: swap ? { a: turned(b), b: turned(a) } : { a, b },
        write: (g, { a, b }) => g.op("MatMul", [a, b]),
        opset,
      };
    },
    { runs: 20 },
  ),

  ...[
    [[3], [3]],
    [[3], [3, 2]],
    [[2, 3], [3]],
    [[2, 2, 3], [3]],
    [[3], [2, 3, 2]],
  ].map(([a, b]) =>
    examples("MatMul", `of [${a}] and [${b}]`, {
      shapes: { a, b },
      write: (g, { a, b }) => g.op("MatMul", [a, b]),
    }),
  ),

  property(
    "Gemm",
    "transposed or not, scaled, with and without a bias that broadcasts",
    fc.record({
      m: size,
      k: size,
      n: size,
      transA: flag,
      transB: flag,
      bias: fc.constantFrom("none", "scalar", "one", "row", "column", "matrix"),
      alpha: fc.constantFrom(undefined, 0.5),
      beta: fc.constantFrom(undefined, 2),
      opset: opsetFrom(9),
    }),
    ({ m, k, n, transA, transB, bias, alpha, beta, opset }) => {
      const biasShapes: Record<string, number[]> = {
        scalar: [],
        one: [1],
        row: [n],
        column: [m, 1],
        matrix: [m, n],
      };
      const float = (value: number | undefined) =>
        value === undefined ? undefined : ({ type: "float", value } as const);
      return {
        shapes: {
          a: transA ? [k, m] : [m, k],
          b: transB ? [n, k] : [k, n],
          // The bias became optional with opset 11.
          ...((bias !== "none" || opset < 11) && { c: biasShapes[bias] ?? [n] }),
        },
        write: (g, { a, b, c }) =>
          g.op("Gemm", c ? [a, b, c] : [a, b], {
            transA,
            transB,
            alpha: float(alpha),
            beta: float(beta),
          }),
        opset,
      };
    },
    { runs: 40, seed: 2 },
  ),
];
