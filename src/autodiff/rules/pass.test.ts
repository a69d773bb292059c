import { expect, it } from "vitest";
import { checkGradients } from "../../../tests/support/check-gradients.js";
import { scalar } from "../../tensor/index.js";

it("Dropout in training refuses a node that does not write its mask", async () => {
  const refused = checkGradients({
    shapes: { x: [5] },
    write: (g, { x }) => g.op("Dropout", [x, g.scalar(0.5), g.constant(scalar(1, "bool"))]),
  });
  await expect(refused).rejects.toThrow(
    'gradient of Dropout "Dropout": the node must write its mask, output 1',
  );
});
