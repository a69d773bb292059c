import fc from "fast-check";
import { awayFrom, type GradientCase } from "../../../tests/support/check-gradients.js";
import {
  anyShape,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";

interface Activation {
  readonly op: string;
  readonly since?: number;
  /** Sets of float attributes; `{}` takes the defaults. */
  readonly attributes?: readonly Readonly<Record<string, number>>[];
  /** Where the slope jumps. */
  readonly kinks?: (attributes: Readonly<Record<string, number>>) => readonly number[];
}

const atZero = () => [0];

const activations: readonly Activation[] = [
  { op: "Relu", kinks: atZero },
  { op: "LeakyRelu", attributes: [{}, { alpha: 0.3 }, { alpha: -0.5 }], kinks: atZero },
  { op: "Elu", attributes: [{}, { alpha: 0.5 }], kinks: atZero },
  { op: "Selu", attributes: [{}, { alpha: 2, gamma: 0.5 }], kinks: atZero },
  { op: "Celu", since: 12, attributes: [{}, { alpha: 2 }], kinks: atZero },
  { op: "Sigmoid" },
  { op: "Tanh" },
  {
    op: "HardSigmoid",
    attributes: [{}, { alpha: 0.5, beta: 0.3 }],
    kinks: ({ alpha = 0.2, beta = 0.5 }) => [-beta / alpha, (1 - beta) / alpha],
  },
  { op: "HardSwish", since: 14, kinks: () => [-3, 3] },
  { op: "Softplus" },
  { op: "Softsign" },
  { op: "Mish", since: 18 },
];

/** Twice a normal number: enough to reach past every kink. */
function around(kinks: readonly number[]): GradientCase["values"] {
  return (_, shape, rng) =>
    awayFrom(rng, shape, ...kinks.map((kink) => kink / 2)).map((x) => 2 * x);
}

export const activationCases: readonly GradientCheck[] = [
  ...activations.map(({ op, since = 9, attributes = [{}], kinks = () => [] }) =>
    property(
      op,
      "any shape and attributes",
      fc.record({
        shape: anyShape(),
        numbers: fc.constantFrom(...attributes),
        opset: opsetFrom(since),
      }),
      ({ shape, numbers, opset }) => ({
        shapes: { x: shape },
        values: around(kinks(numbers)),
        write: (g, { x }) =>
          g.op(
            op,
            [x],
            Object.fromEntries(
              Object.entries(numbers).map(([name, value]) => [name, { type: "float", value }]),
            ),
          ),
        opset,
      }),
    ),
  ),

  ...["none", "tanh", undefined].map((approximate) =>
    property("Gelu", `approximate=${approximate ?? "left out"}`, anyShape(), (shape) => ({
      shapes: { x: shape },
      values: around([]),
      write: (g, { x }) => g.op("Gelu", [x], { approximate }),
      opset: 20,
    })),
  ),

  property(
    "PRelu",
    "slopes that broadcast",
    fc.record({
      full: anyShape(1),
      dropped: fc.nat(4),
      ones: fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }),
      opset: opsetFrom(9),
    }),
    ({ full, dropped, ones, opset }) => ({
      shapes: {
        x: full,
        slope: full.map((size, i) => (ones[i] ? 1 : size)).slice(Math.min(dropped, full.length)),
      },
      values: (_, shape, rng) => awayFrom(rng, shape, 0),
      write: (g, { x, slope }) => g.op("PRelu", [x, slope]),
      opset,
    }),
  ),
];
