import { ShapeError } from "../../util/errors.js";
import { Conv2d } from "../layers/conv2d.js";
import { Residual } from "../layers/residual.js";

/**
 * S19, residual compensation: a dense 1x1 branch added to a grouped convolution, `conv(x) + fusion(x)`,
 * so that its groups meet. The branch steps as the convolution does.
 *
 * @throws ShapeError if the convolution does not keep the size at stride 1, as a 1x1 branch does.
 */
export function compensate(conv: Conv2d): Residual {
  const { inChannels, outChannels, kernel, stride, padding, dilation } = conv;
  for (const [axis, size] of kernel.entries()) {
    const reach = dilation[axis] * (size - 1);
    if (2 * padding[axis] !== reach)
      throw new ShapeError(
        `compensate: padding=${padding[axis]} must be half of dilation * (kernel - 1)=${reach}, so that both branches have one size`,
      );
  }
  return new Residual(conv, new Conv2d(inChannels, outChannels, 1, { stride, bias: false }));
}
