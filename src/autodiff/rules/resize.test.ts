import { expect, it } from "vitest";
import { checkGradients } from "../../../tests/support/check-gradients.js";
import { tensor } from "../../tensor/index.js";

it("Resize refuses modes it does not know by name", async () => {
  const refused = checkGradients({
    shapes: { x: [1, 1, 4, 4] },
    write: (g, { x }) =>
      g.op(
        "Resize",
        [
          x,
          g.constant(tensor(Float32Array.of(0, 0, 0, 0, 1, 1, 1, 1), [8])),
          null,
          g.ints([1, 1, 2, 2]),
        ],
        {
          mode: "linear",
          coordinate_transformation_mode: "tf_crop_and_resize",
        },
      ),
  });
  await expect(refused).rejects.toThrow(
    'gradient of Resize "Resize": no rule for coordinate_transformation_mode="tf_crop_and_resize"',
  );
  const aspect = checkGradients({
    shapes: { x: [1, 1, 4, 4] },
    write: (g, { x }) =>
      g.op("Resize", [x, null, null, g.ints([2, 3])], {
        mode: "linear",
        axes: [2, 3],
        keep_aspect_ratio_policy: "not_larger",
      }),
    opset: 18,
  });
  await expect(aspect).rejects.toThrow('no rule for keep_aspect_ratio_policy="not_larger"');
});
