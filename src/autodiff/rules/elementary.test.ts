import { describe, it } from "vitest";
import { awayFrom, checkGradients } from "../../../tests/support/check-gradients.js";

describe("gradients of elementary functions agree with central differences", () => {
  it.each(["Neg", "Identity", "Exp", "Erf", "Sin", "Cos"])("%s", async (op) => {
    await checkGradients({ shapes: { x: [2, 9] }, write: (g, { x }) => g.op(op, [x]) });
  });

  it("Abs", async () => {
    await checkGradients({
      shapes: { x: [2, 9] },
      values: (_, shape, rng) => awayFrom(rng, shape, 0),
      write: (g, { x }) => g.op("Abs", [x]),
    });
  });

  it.each(["Log", "Sqrt", "Reciprocal"])("%s of positive numbers", async (op) => {
    await checkGradients({
      shapes: { x: [2, 9] },
      values: (_, shape, rng) => rng.uniform(shape, 0.5, 3).data as Float32Array,
      write: (g, { x }) => g.op(op, [x]),
    });
  });
});
