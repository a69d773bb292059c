import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-node";
import { describe, expect, it } from "vitest";
import { checkGradients } from "../../../tests/support/check-gradients.js";
import { encodeModel } from "../../onnx/index.js";
import { GraphBuilder, newModel, readIntegers } from "../../ops/index.js";
import { inferShapes } from "../../runtime/index.js";
import { scalar } from "../../tensor/index.js";
import { gradients } from "../gradients.js";

describe("gradient of Dropout", () => {
  it.each([
    [0.25, 1],
    [null, 1],
    [0.25, 0],
  ])("ratio %s, training %d: y = x mask / (1 - ratio), so dx / dy = y / x", async (ratio, on) => {
    const model = newModel("dropout");
    const g = new GraphBuilder(model.graph);
    const x = g.input("x", [200]);
    const training = g.constant(scalar(on, "bool"));
    const inputs = [x, ratio === null ? null : g.scalar(ratio), training];
    const [y] = g.ops("Dropout", inputs, { seed: 3 }, 2);
    const dx = gradients(model, y, [x], {
      shapes: await inferShapes(model),
      integers: await readIntegers(model.graph),
    }).get(x)!;
    g.output(y, "y");
    g.output(dx, "dx");
    const session = await InferenceSession.create(await encodeModel(model));
    const ones = new OrtTensor("float32", new Float32Array(200).fill(1), [200]);
    const results = await session.run({ x: ones });
    await session.release();
    expect(results.dx.data).toEqual(results.y.data);
    const kept = (results.dx.data as Float32Array).filter((slope) => slope > 0).length;
    if (on) expect(kept).toBeLessThan(200);
    else expect(kept).toBe(200);
    expect(kept).toBeGreaterThan(0);
  });

  it("refuses a Dropout that does not write its mask", async () => {
    const refused = checkGradients({
      shapes: { x: [5] },
      write: (g, { x }) => g.op("Dropout", [x, g.scalar(0.5), g.constant(scalar(1, "bool"))]),
    });
    await expect(refused).rejects.toThrow(
      'gradient of Dropout "Dropout": the node must write its mask, output 1',
    );
  });
});
