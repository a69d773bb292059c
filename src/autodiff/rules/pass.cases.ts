import fc from "fast-check";
import {
  anyShape,
  examples,
  type GradientCheck,
  opsetFrom,
  property,
} from "../../../tests/support/gradient-check.js";
import { GraphBuilder, newModel, readIntegers } from "../../ops/index.js";
import { inferShapes, Session } from "../../runtime/index.js";
import { allClose, full, scalar } from "../../tensor/index.js";
import { gradients } from "../gradients.js";

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

  ...[
    { ratio: 0.25, training: true },
    { ratio: undefined, training: true },
    { ratio: 0.25, training: false },
  ].map(({ ratio, training }) => ({
    op: "Dropout",
    about: `with a mask, ratio=${ratio ?? "left out"}, training=${training}`,
    isDrawn: false,
    run: () => checkMask(ratio, training),
  })),

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

/** y = x mask / (1 - ratio) with a mask drawn anew in each run, so dx / dy = y / x: of ones, y itself. */
async function checkMask(ratio: number | undefined, training: boolean): Promise<void> {
  const size = 200;
  const model = newModel("dropout");
  const g = new GraphBuilder(model.graph);
  const x = g.input("x", [size]);
  const flag = g.constant(scalar(Number(training), "bool"));
  const inputs = [x, ratio === undefined ? null : g.scalar(ratio), flag];
  const [y] = g.ops("Dropout", inputs, { seed: 3 }, 2);
  const shapes = await inferShapes(model);
  const integers = await readIntegers(model.graph);
  g.output(gradients(model, y, [x], { shapes, integers }).get(x)!, "dx");
  g.output(y, "y");
  const session = await Session.create(model, { threads: 1 });
  const results = await session.run({ x: full([size], 1) });
  await session.release();
  const slopes = results.dx.data as Float32Array;
  if (!allClose(slopes, results.y.data as Float32Array, { rtol: 1e-6 }))
    throw new Error(`Dropout of ones gives [${results.y.data}] and the slopes [${slopes}]`);
  const kept = slopes.filter((slope) => slope > 0).length;
  if (training ? kept === 0 || kept === size : kept !== size)
    throw new Error(`Dropout in ${training ? "training" : "inference"} kept ${kept} of ${size}`);
}
