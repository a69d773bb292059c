import { describe, it } from "vitest";
import { checkGradients } from "../../../tests/support/check-gradients.js";

describe.each(["Softmax", "LogSoftmax"])("gradient of %s agrees with central differences", (op) => {
  it.each([
    [9, undefined],
    [11, 1],
    [12, -1],
    [11, 0],
    [13, undefined],
    [13, 1],
    [17, -3],
    [21, 0],
  ])("opset %d, axis %s", async (opset, axis) => {
    await checkGradients({
      shapes: { x: [2, 3, 4] },
      write: (g, { x }) => g.op(op, [x], { axis }),
      opset,
    });
  });
});
