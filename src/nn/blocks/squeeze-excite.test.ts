import { expect, it } from "vitest";
import { runNetwork } from "../../../tests/support/run-model.js";
import { tensor } from "../../tensor/index.js";
import { SqueezeExcite } from "./squeeze-excite.js";

it("multiplies each channel by a gain that the means of all decide", async () => {
  const layer = new SqueezeExcite(2, 1);
  layer.fc1.weight.value = tensor([1, 2], [1, 2, 1, 1]);
  layer.fc2.weight.value = tensor([1, -1], [2, 1, 1, 1]);
  const x = tensor([1, 3, -1, 1], [1, 2, 1, 2]); // means 2 and 0, squeezed to relu(2 + 0) = 2
  const y = await runNetwork(layer, x);
  const [a, b] = [2, -2].map((v) => 1 / (1 + Math.exp(-v)));
  for (const [i, value] of [1 * a, 3 * a, -1 * b, 1 * b].entries())
    expect(y.data[i]).toBeCloseTo(value, 6);
});
