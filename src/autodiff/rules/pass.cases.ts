import fc from "fast-check";
import {
  anyShape,
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";
import { scalar } from "../../tensor/index.js";

const anywhere = fc.record({ shape: anyShape(), opset: opsetFrom(9) });

export const passCases: readonly GradientCheck[] = [
  property("Dropout", "in inference passes, of every operator set", anywhere, (drawn) => ({
    shapes: { x: drawn.shape },
    write: (g, { x }) => g.op("Dropout", [x]),
    opset: drawn.opset,
  })),

  examples(
    "Dropout",
    "told not to train, by attribute and by input",
    {
      shapes: { x: [5] },
      write: (g, { x }) => g.op("Dropout", [x], { ratio: { type: "float", value: 0.3 } }),
      opset: 9,
    },
    {
      shapes: { x: [5] },
      write: (g, { x }) => g.op("Dropout", [x, g.scalar(0.5), g.constant(scalar(0, "bool"))]),
    },
  ),

  property("Cast", "to float32 passes", anywhere, (drawn) => ({
    shapes: { x: drawn.shape },
    write: (g, { x }) => g.op("Mul", [x, g.op("Cast", [x], { to: 1 })]),
    opset: drawn.opset,
  })),

  examples("Cast", "ends at whole numbers", {
    shapes: { x: [5] },
    values: () => Float32Array.of(0.5, 1.5, -2.5, 3.3, 0.2), // no step within reach
    write: (g, { x }) => g.op("Mul", [x, g.op("Cast", [g.op("Cast", [x], { to: 7 })], { to: 1 })]),
  }),
];
